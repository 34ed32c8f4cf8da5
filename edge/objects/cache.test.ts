import { expect, test } from 'vitest'
import { testObject } from '../../test/kit/edge/media-object.ts'
import { costOf, createCache } from './cache.ts'

const segment = (key: string, sessionId = 's_1') =>
  testObject({ key, sessionId, class: 'segment', body: Buffer.alloc(10_000) })
const three = 3 * costOf(segment('any'))

test('unused objects go first, and the limit holds', () => {
  const cache = createCache(three)
  for (const key of ['/1', '/2', '/3']) cache.put(segment(key))
  cache.get('/1')
  cache.put(segment('/4'))
  expect(['/1', '/2', '/3', '/4'].filter((key) => cache.get(key))).toEqual(['/1', '/3', '/4'])
  cache.put(segment('/5'))
  expect(cache.bytes).toBe(three)
  expect(cache.get('/5'), 'the newest is never its own victim').toBeDefined()
})

test('objects of an ended session go before unused ones of a live one', () => {
  const cache = createCache(three)
  cache.put(segment('/live'))
  cache.put(segment('/over/1', 's_over'))
  cache.put(segment('/over/2', 's_over'))
  cache.get('/over/1')
  cache.get('/over/2')
  cache.endSession('s_over')
  cache.put(segment('/a'))
  cache.put(segment('/b'))
  expect(['/live', '/over/1', '/over/2', '/a', '/b'].filter((key) => cache.get(key))).toEqual([
    '/live',
    '/a',
    '/b',
  ])
})

test('a newer object replaces the older one and its bytes', () => {
  const cache = createCache(three)
  cache.put(segment('/1'))
  const newer = segment('/1')
  cache.put(newer)
  expect([cache.get('/1'), cache.size, cache.bytes]).toEqual([newer, 1, three / 3])
  cache.delete('/1')
  expect([cache.size, cache.bytes]).toEqual([0, 0])
})

test('an object larger than the cache is not kept and evicts nothing', () => {
  const cache = createCache(three)
  cache.put(segment('/1'))
  expect(cache.put(testObject({ key: '/big', class: 'segment', body: Buffer.alloc(three) }))).toBe(false)
  expect([cache.get('/big'), cache.size]).toEqual([undefined, 1])
})

test('objects that were not used between two checks are forgotten, even when there is room', () => {
  const cache = createCache(three)
  for (const key of ['/1', '/2']) cache.put(segment(key))
  cache.forgetUnused()
  expect(cache.size, 'a new object had no time to be used').toBe(2)
  cache.get('/1')
  cache.put(segment('/3'))
  cache.forgetUnused()
  expect(cache.bytes).toBe(2 * costOf(segment('/any')))
  expect(['/1', '/2', '/3'].filter((key) => cache.get(key))).toEqual(['/1', '/3'])
  cache.forgetUnused()
  cache.forgetUnused()
  expect(cache.size).toBe(0)
})
