import { expect, test } from 'vitest'

import { GopCache, maxGopBytes, maxGopMs } from './gop-cache.ts'

const tag = (size = 10) => Buffer.alloc(size)

test('holds the tags since the newest keyframe', () => {
  const cache = new GopCache()
  cache.add(tag(), 0)
  expect(cache.canStart).toBe(false)
  cache.start([], tag(), 0)
  cache.add(tag(), 33)
  expect(cache.tags).toHaveLength(2)
  cache.start([], tag(), 66)
  expect(cache.tags).toHaveLength(1)
})

test('the headers are those at the start; later ones are in order', () => {
  const cache = new GopCache()
  const [header, frame, other] = [tag(1), tag(2), tag(3)]
  cache.start([header], frame, 0)
  cache.add(other, 10)
  expect(cache.tags).toEqual([header, frame, other])
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
  expect(cache.tags).toHaveLength(0)
  cache.start([], tag(), time + 1)
  expect(cache.canStart).toBe(true)
})
