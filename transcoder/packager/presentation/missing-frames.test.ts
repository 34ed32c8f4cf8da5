import { expect, test } from 'vitest'
import { videoFrame, writeAudio, writeVideo } from '../../../test/kit/packager/media.ts'
import { begin, testOptions, videoNames } from '../../../test/kit/packager/test-presentation.ts'
import { createPresentation } from './presentation.ts'

test('keyframes alone, as an encoder sends them that drops frames, make whole parts without holes', () => {
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation)
  writeVideo(sink, videoNames, { fromMs: 0, toMs: 2000 })
  writeAudio(sink, 0, 9000)
  for (const startMs of [2000, 4000, 6000])
    for (const name of videoNames) {
      sink.advance({ now: performance.now(), mediaMs: startMs - 100, isPictureFrozen: startMs === 4000 })
      sink.add(name, videoFrame({ startMs, durationMs: 40, isSync: true }))
    }
  writeVideo(sink, videoNames, { fromMs: 6040, toMs: 8080 })

  const segments = presentation.streams.get('720p')?.window.listed ?? []
  expect(segments.map(({ date }) => date - (segments[0]?.date ?? 0))).toEqual([0, 2000, 4000, 6000])
  for (const { durationMs, parts } of segments) {
    expect(durationMs).toBeCloseTo(2000)
    expect(parts.reduce((sum, part) => sum + part.durationMs, 0)).toBeCloseTo(2000)
    for (const part of parts) expect(part.durationMs).toBeLessThanOrEqual(400)
  }
})
