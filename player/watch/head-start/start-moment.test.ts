import { expect, test } from 'vitest'
import type { StartIndex } from '../../../core/playback/start-bundle.ts'
import { createStartMoment } from './start-moment.ts'

const index: StartIndex = {
  rendition: '480p',
  backMs: 1000,
  files: [
    ['index.m3u8', 10_000],
    ['media.m4s', 90_000],
  ],
}
const liveEdge = 14

function create(rttMs = 50) {
  const moment = createStartMoment(() => rttMs)
  moment.setIndex(index)
  moment.noteFile(0)
  return moment
}

test('nothing begins without media', () => {
  expect(create().position({ receivedBytes: 50_000, now: 5000, liveEdge })).toBeUndefined()
})

test('with all media here, playback begins at the start position', () => {
  const moment = create()
  moment.addVideo({ start: 12, end: 12.3 })
  moment.addVideo({ start: 12.3, end: 14 })
  expect(moment.position({ receivedBytes: 100_000, now: 100, liveEdge })).toBe(13)
  expect(moment.position({ receivedBytes: Number.POSITIVE_INFINITY, now: 0, liveEdge })).toBe(13)
})

test('the start position is never before the first media', () => {
  const moment = create()
  moment.addVideo({ start: 13.5, end: 14 })
  expect(moment.position({ receivedBytes: 100_000, now: 100, liveEdge })).toBe(13.5)
})

test('it waits for the rest when that arrives soon', () => {
  const moment = create()
  moment.addVideo({ start: 12, end: 12.3 })
  expect(moment.position({ receivedBytes: 50_000, now: 200, liveEdge })).toBeUndefined()
})

test('when the rest takes long, playback begins at the first media', () => {
  const moment = create()
  moment.addVideo({ start: 12, end: 12.3 })
  expect(moment.position({ receivedBytes: 20_000, now: 500, liveEdge })).toBe(12)
})

test('with a long round trip it begins with more media', () => {
  const moment = create(600)
  const state = { receivedBytes: 20_000, now: 2500, liveEdge }
  moment.addVideo({ start: 12, end: 12.3 })
  expect(moment.position(state)).toBeUndefined()
  moment.addVideo({ start: 12.3, end: 13 })
  expect(moment.position(state)).toBe(12)
})
