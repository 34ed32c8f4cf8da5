import { expect, test } from 'vitest'
import { videoFrame, writeAudio, writeVideo } from '../../../test/kit/packager/media.ts'
import { begin, handOver, testOptions, videoNames } from '../../../test/kit/packager/test-presentation.ts'
import { createPresentation, type Presentation } from './presentation.ts'

const listedOf = (presentation: Presentation, name: string) =>
  presentation.streams.get(name)?.window.listed ?? []

const shapesOf = (presentation: Presentation, name: string) =>
  listedOf(presentation, name).map(({ epoch, isGap, durationMs }) => [epoch, isGap, Math.round(durationMs)])

/** Returns the length of each epoch in the playlist of a rendition, ms: the sum of its segments. */
function epochLengthsOf(presentation: Presentation, name: string): number[] {
  const lengths: number[] = []
  for (const { epoch, durationMs } of listedOf(presentation, name))
    lengths[epoch - 1] = (lengths[epoch - 1] ?? 0) + durationMs
  return lengths
}

test('a rendition whose encoder loses the end of an epoch shows its last keyframe up to there', () => {
  const presentation = createPresentation(testOptions())
  const first = begin(presentation)
  writeAudio(first, 0, 5000)
  writeVideo(first, ['720p'], { fromMs: 0, toMs: 5000 })
  writeVideo(first, ['360p'], { fromMs: 0, toMs: 1000 })
  const second = presentation.beginEpoch({ epoch: 2, leader: { rendition: '720p' }, frameMs: 40 })
  handOver(first, second)
  writeAudio(second, 9000, 11_500)
  writeVideo(second, videoNames, { fromMs: 9000, toMs: 11_480, gopMs: 1000 })

  expect(shapesOf(presentation, '360p')).toEqual([
    [1, false, 2000],
    [1, false, 2000],
    [1, false, 1000],
    [2, false, 2000],
  ])
  expect(epochLengthsOf(presentation, '360p')).toEqual([5000, 2000])
  const parts = listedOf(presentation, '360p').flatMap(({ parts }) => parts)
  expect(Math.max(...parts.map(({ durationMs }) => durationMs))).toBeLessThanOrEqual(
    presentation.partTargetMs ?? 0,
  )
})

test('a rendition whose encoder has made nothing yet has gaps, once it has media', () => {
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation)
  writeAudio(sink, 0, 2500)
  writeVideo(sink, ['720p'], { fromMs: 0, toMs: 2480 })
  sink.endAll()

  expect(listedOf(presentation, '360p')).toEqual([])
  expect(presentation.nextMsn).toBe(2)
})

test('frames that an encoder makes again, and those it lost, are left out', () => {
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation)
  writeAudio(sink, 0, 12_500)
  writeVideo(sink, ['720p'], { fromMs: 0, toMs: 12_480 })
  writeVideo(sink, ['360p'], { fromMs: 0, toMs: 2400 })
  writeVideo(sink, ['360p'], { fromMs: 2000, toMs: 2800, gopMs: 400 })
  writeVideo(sink, ['360p'], { fromMs: 8000, toMs: 12_480 })

  expect(shapesOf(presentation, '360p')).toEqual([
    [1, false, 2000],
    [1, false, 2000],
    [1, true, 2000],
    [1, true, 2000],
    [1, false, 2000],
    [1, false, 2000],
  ])
  expect(listedOf(presentation, '360p')[1]?.parts.at(-1)?.endMs).toBe(2800)
})

test('segments that an encoder does not make in time become gaps', () => {
  const presentation = createPresentation(testOptions())
  const sink = begin(presentation)
  writeAudio(sink, 0, 12_500)
  writeVideo(sink, ['720p'], { fromMs: 0, toMs: 12_480 })
  writeVideo(sink, ['360p'], { fromMs: 0, toMs: 2400 })
  sink.advance({ now: performance.now(), mediaMs: 12_480, isPictureFrozen: false })

  expect(shapesOf(presentation, '360p')).toEqual([
    [1, false, 2000],
    [1, false, 2000],
    [1, true, 2000],
  ])
  writeVideo(sink, ['360p'], { fromMs: 2400, toMs: 12_480 })
  expect(presentation.streams.get('360p')?.open?.msn).toBe(6)
})

test('an epoch is equally long in all playlists, whatever an encoder loses', () => {
  let seed = 7
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % below
  }
  for (let round = 0; round < 100; round++) {
    const presentation = createPresentation(testOptions({ windowSegments: 100 }))
    let sink = begin(presentation)
    let toMs = 0
    for (let epoch = 1; epoch <= 3; epoch++) {
      const fromMs = toMs + random(5000)
      toMs = fromMs + 2000 + random(10_000)
      let lostUntilMs = fromMs
      for (let startMs = fromMs; startMs < toMs; startMs += 40) {
        const frame = { startMs, durationMs: 40, isSync: (startMs - fromMs) % 1000 === 0 }
        sink.add('720p', videoFrame(frame))
        writeAudio(sink, startMs, startMs + 40)
        if (startMs > fromMs && random(60) === 0) lostUntilMs = startMs + random(6000)
        if (startMs >= lostUntilMs) sink.add('360p', videoFrame(frame))
        sink.advance({ now: performance.now(), mediaMs: startMs, isPictureFrozen: false })
      }
      const next = presentation.beginEpoch({
        epoch: epoch + 1,
        leader: { rendition: '720p' },
        frameMs: 40,
      })
      handOver(sink, next)
      sink = next
    }
    const [leading = [], lossy = []] = videoNames.map((name) => epochLengthsOf(presentation, name))
    expect(lossy.length).toBe(leading.length)
    for (const [index, lengthMs] of leading.entries())
      expect(Math.abs((lossy[index] ?? 0) - lengthMs)).toBeLessThanOrEqual(1)
  }
})
