import { expect, test } from 'vitest'
import { createStartFilter, type Mark } from './start-filter.ts'
import type { FlvTag } from './tag-parser.ts'

const plain = { isHeader: false, isKeyframe: false, compositionMs: 0 }
/** A source of 10 fps with a keyframe every second, audio every 50 ms, and a composition offset of 100 ms. */
function source(untilMs: number): FlvTag[] {
  const tags: FlvTag[] = [
    { ...plain, kind: 'script', timestamp: 0, isHeader: true },
    { ...plain, kind: 'video', timestamp: 0, isHeader: true },
    { ...plain, kind: 'audio', timestamp: 0, isHeader: true },
  ]
  for (let timestamp = 0; timestamp < untilMs; timestamp += 50) {
    if (timestamp % 100 === 0)
      tags.push({
        ...plain,
        kind: 'video',
        timestamp,
        isKeyframe: timestamp % 1000 === 0,
        compositionMs: 100,
      })
    tags.push({ ...plain, kind: 'audio', timestamp })
  }
  return tags
}

function run(from: Mark | null, cut: Mark | null, untilMs = 3000) {
  let cuts = 0
  const filter = createStartFilter({ from, onCut: () => cuts++ })
  if (cut) filter.cutAt(cut)
  const passed = source(untilMs).filter(filter.passes)
  const times = (kind: FlvTag['kind']) =>
    passed.filter((tag) => tag.kind === kind && !tag.isHeader).map((tag) => tag.timestamp)
  const span = (kind: FlvTag['kind']) => [times(kind)[0], times(kind).at(-1)]
  return {
    headers: passed.filter((tag) => tag.isHeader).length,
    video: span('video'),
    audio: span('audio'),
    cuts,
    view: filter.view,
  }
}

test('without marks everything passes, and the source is observed', () => {
  expect(run(null, null)).toEqual({
    headers: 3,
    video: [0, 2900],
    audio: [0, 2950],
    cuts: 0,
    view: { newestMs: 2950, keyframeMs: 2000, compositionMs: 100, longestGopMs: 1000, hasAudio: true },
  })
})

test('a cut by time ends video and audio at the same presentation time, once', () => {
  expect(run(null, { kind: 'time', ms: 1500 })).toMatchObject({ video: [0, 1300], audio: [0, 1450], cuts: 1 })
})

test('a beginning by time passes the video needed for decoding, and little audio', () => {
  expect(run({ kind: 'time', ms: 1500 }, null)).toMatchObject({
    headers: 3,
    video: [0, 2900],
    audio: [1400, 2950],
  })
})

test('two transcodes meet at the same keyframe', () => {
  const mark: Mark = { kind: 'keyframe', ms: 1150 }
  expect(run(null, mark)).toMatchObject({ video: [0, 1900], audio: [0, 1950], cuts: 1 })
  expect(run(mark, null)).toMatchObject({ headers: 3, video: [2000, 2900], audio: [2000, 2950] })
})

test('audio alone reaches a mark too', () => {
  const filter = createStartFilter({ from: null, onCut: () => {} })
  filter.cutAt({ kind: 'time', ms: 1000 })
  const passed = source(3000).filter((tag) => tag.kind === 'audio' && filter.passes(tag))
  expect(passed.at(-1)?.timestamp).toBe(950)
})
