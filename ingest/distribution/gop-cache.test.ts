import { expect, test } from 'vitest'

import { GopCache, maxGopBytes, maxGopMs } from './gop-cache.ts'

const tag = (size = 10) => Buffer.alloc(size)

test('holds the tags since the newest keyframe', () => {
  const cache = new GopCache()
  cache.add(tag(), 0)
  expect(cache.canStart).toBe(false)
  cache.start(tag(), 0)
  cache.add(tag(), 33)
  expect(cache.tags).toHaveLength(2)
  cache.start(tag(), 66)
  expect(cache.tags).toHaveLength(1)
})

test.each([
  ['bytes', tag(maxGopBytes), 33],
  ['time', tag(), maxGopMs + 1],
])('drops a GOP that outgrows its bound in %s, until the next keyframe', (_what, last, time) => {
  const cache = new GopCache()
  cache.start(tag(), 0)
  cache.add(last, time)
  cache.add(tag(), time)
  expect(cache.canStart).toBe(false)
  expect(cache.tags).toHaveLength(0)
  cache.start(tag(), time + 1)
  expect(cache.canStart).toBe(true)
})
