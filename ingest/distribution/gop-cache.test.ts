import { expect, test } from 'vitest'

import {
  GopCache,
  historyMs,
  maxGopBytes,
  maxGopMs,
  maxGopTags,
  maxHistoryBytes,
  tagOverheadBytes,
} from './gop-cache.ts'

const tag = (size = 10) => Buffer.alloc(size)

test('holds the tags since the newest keyframe', () => {
  const cache = new GopCache()
  cache.add(tag(), 0)
  expect(cache.canStart).toBe(false)
  cache.start([], tag(), 0)
  cache.add(tag(), 33)
  expect(cache.tagsFrom()).toHaveLength(2)
  cache.start([], tag(), 66)
  expect(cache.tagsFrom()).toHaveLength(1)
})

test('the headers are those at the start; later ones are in order', () => {
  const cache = new GopCache()
  const [header, frame, other] = [tag(1), tag(2), tag(3)]
  cache.start([header], frame, 0)
  cache.add(other, 10)
  expect(cache.tagsFrom()).toEqual([header, frame, other])
})

test.each([
  ['bytes', tag(maxGopBytes), 33],
  ['time', tag(), maxGopMs + 1],
])('drops a GOP that outgrows its bound in %s, until the next keyframe', (_what, last, time) => {
  const cache = new GopCache()
  cache.start([], tag(), 0)
  cache.add(last, time)
  cache.add(tag(), time)
  expect(cache.canStart).toBe(false)
  expect(cache.tagsFrom()).toHaveLength(0)
  cache.start([], tag(), time + 1)
  expect(cache.canStart).toBe(true)
})

test('drops a GOP of too many tags, and counts the overhead of tiny ones', () => {
  const cache = new GopCache()
  cache.start([], tag(1), 0)
  for (let n = 1; n < maxGopTags; n++) cache.add(tag(1), 1)
  expect(cache.tagsFrom()).toHaveLength(maxGopTags)
  cache.add(tag(1), 1)
  expect(cache.canStart).toBe(false)

  const bytes = Math.floor(maxGopBytes / 1000) - tagOverheadBytes
  cache.start([], tag(bytes), 0)
  for (let n = 1; n < 1000; n++) cache.add(tag(bytes), 1)
  expect(cache.canStart).toBe(true)
  cache.add(tag(bytes), 1)
  expect(cache.canStart).toBe(false)
})

test('some GOPs before the newest are kept for a subscriber that has part of them', () => {
  const cache = new GopCache()
  const gops = [0, 1000, 2000].map((time) => {
    const [keyframe, frame] = [tag(), tag()]
    cache.start([], keyframe, time)
    cache.add(frame, time + 500)
    return [keyframe, frame]
  })
  expect(cache.tagsFrom()).toEqual(gops[2])
  expect(cache.tagsFrom(5000)).toEqual(gops[2])
  expect(cache.tagsFrom(1950)).toEqual(gops[2])
  expect(cache.tagsFrom(1800)).toEqual(gops.slice(1).flat())
  expect(cache.tagsFrom(-5000)).toEqual(gops.flat())
  cache.start([], tag(), historyMs + 1)
  expect(cache.tagsFrom(0)).toHaveLength(5)
  cache.clear()
  expect(cache.tagsFrom(0)).toEqual([])
})

test('GOPs before the newest are kept up to a number of bytes', () => {
  const cache = new GopCache()
  for (const time of [0, 1000, 2000]) cache.start([], tag(maxHistoryBytes / 2), time)
  expect(cache.tagsFrom(0)).toHaveLength(2)
})
