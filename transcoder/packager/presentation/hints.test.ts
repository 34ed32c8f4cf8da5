import { expect, test } from 'vitest'
import { audioFrame, videoFrame } from '../../../test/kit/packager/media.ts'
import { begin, testOptions, videoNames } from '../../../test/kit/packager/test-presentation.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'
import type { PartPlace } from '../window/segment.ts'
import { createPresentation } from './presentation.ts'

interface Show {
  fps: number
  partMs: number
  /** Distance of keyframes, ms. */
  gopMs: number
  /** Time by which audio is ahead of video, ms; negative when it is behind. */
  audioAheadMs: number
  /** Whether groups of up to 6 frames are lost at intervals. */
  losesFrames?: boolean
}

/** Plays a show of 20 s. Returns the hints whose part never came, each as rendition and part. */
function brokenHints({ fps, partMs, gopMs, audioAheadMs, losesFrames }: Show): string[] {
  const frameMs = 1000 / fps
  const presentation = createPresentation(testOptions({ partMs, windowSegments: 20 }))
  const sink = begin(presentation, { frameMs })
  const hints = new Map<RenditionStream, Map<string, PartPlace>>()
  // The state of a waiting request is checked at each publication, so `note` sees every hint that a playlist
  // may have.
  for (const stream of presentation.streams.values()) {
    const known = new Map<string, PartPlace>()
    hints.set(stream, known)
    const note = () => {
      const { hint } = stream
      if (hint !== undefined) known.set(`${hint.msn}.${hint.part}`, hint)
      return 'pending' as const
    }
    stream.waits.add(note, () => {})
  }
  const gop = Math.round(gopMs / frameMs)
  let audio = 0
  let video = 0
  while (video * frameMs < 20_000) {
    if ((audio * 1024) / 48 - audioAheadMs <= video * frameMs) sink.add('audio', audioFrame(audio++))
    else {
      const startMs = Math.round(video * frameMs)
      const durationMs = Math.round((video + 1) * frameMs) - startMs
      const isSync = video % gop === 0
      const isLost = losesFrames && !isSync && video % 37 > 30
      if (!isLost) for (const name of videoNames) sink.add(name, videoFrame({ startMs, durationMs, isSync }))
      video += 1
    }
  }
  return [...hints].flatMap(([stream, places]) =>
    [...places]
      .filter(([, { msn }]) => msn < (stream.open?.msn ?? 0))
      .filter(([, place]) => stream.part(place) === undefined)
      .map(([name]) => `${stream.plan.name} ${name}`),
  )
}

const showsAt = (fps: number) =>
  [100, 200, 333].flatMap((partMs) =>
    [1000, 1900, 1920, 2000, 4000].flatMap((gopMs) =>
      [-60, 0, 60].map((audioAheadMs): Show => ({ fps, partMs, gopMs, audioAheadMs })),
    ),
  )

const brokenOf = (shows: Show[]) =>
  shows.flatMap((show) => brokenHints(show).map((hint) => `${hint} ${JSON.stringify(show)}`))

test.each([25, 30, 60])('each hinted part comes at %i frames/s, wherever segments end', (fps) => {
  expect(brokenOf(showsAt(fps))).toEqual([])
})

test.each([25, 30])('each hinted part comes at %i frames/s although frames before it are lost', (fps) => {
  expect(brokenOf(showsAt(fps).map((show) => ({ ...show, losesFrames: true })))).toEqual([])
})
