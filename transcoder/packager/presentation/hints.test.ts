import { expect, test } from 'vitest'
import { audioFrame, videoFrame } from '../../../test/kit/packager/media.ts'
import { begin, testOptions, videoNames } from '../../../test/kit/packager/test-presentation.ts'
import type { PartPlace, RenditionStream } from '../window/rendition-stream.ts'
import { createPresentation } from './presentation.ts'

interface Show {
  fps: number
  partMs: number
  /** Distance of keyframes, ms. */
  gopMs: number
  /** Time by which audio is ahead of video, ms. */
  audioAheadMs: number
}

/** Returns the hints of a show of 20 s whose parts never came, by rendition. */
function brokenHints({ fps, partMs, gopMs, audioAheadMs }: Show): string[] {
  const frameMs = 1000 / fps
  const presentation = createPresentation(testOptions({ partMs, windowSegments: 20 }))
  const sink = begin(presentation, { frameMs })
  const hints = new Map<RenditionStream, Map<string, PartPlace>>()
  const note = () => {
    for (const stream of presentation.streams.values()) {
      const { hint } = stream
      const known = hints.get(stream) ?? new Map<string, PartPlace>()
      if (hint !== undefined) hints.set(stream, known.set(`${hint.msn}.${hint.part}`, hint))
    }
  }
  const gop = Math.round(gopMs / frameMs)
  let audio = 0
  let video = 0
  while (video * frameMs < 20_000) {
    if ((audio * 1024) / 48 - audioAheadMs <= video * frameMs) sink.add('audio', audioFrame(audio++))
    else {
      const startMs = Math.round(video * frameMs)
      const durationMs = Math.round((video + 1) * frameMs) - startMs
      for (const name of videoNames)
        sink.add(name, videoFrame({ startMs, durationMs, isSync: video % gop === 0 }))
      video += 1
    }
    note()
  }
  return [...hints].flatMap(([stream, places]) =>
    [...places]
      .filter(([, { msn }]) => msn < (stream.open?.msn ?? 0))
      .filter(([, place]) => stream.part(place) === undefined)
      .map(([name]) => `${stream.plan.name} ${name}`),
  )
}

const shows = [25, 30, 60].flatMap((fps) =>
  [100, 200, 333].flatMap((partMs) =>
    [1000, 1900, 1920, 2000, 4000].flatMap((gopMs) =>
      [-60, 0, 60].map((audioAheadMs): Show => ({ fps, partMs, gopMs, audioAheadMs })),
    ),
  ),
)

test('each hinted part comes, wherever segments end', () => {
  const broken = shows.flatMap((show) => brokenHints(show).map((hint) => `${hint} ${JSON.stringify(show)}`))
  expect(broken).toEqual([])
})
