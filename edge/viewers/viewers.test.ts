import { expect, test } from 'vitest'
import { createViewers } from './viewers.ts'

const at = (address: string, byConnection = -1) => ({ address, byConnection })

test('a viewer counts once per channel, for 10 s after the last request', () => {
  const viewers = createViewers()
  viewers.saw('a', 1, at('192.0.2.1'), 0)
  viewers.saw('a', 1, at('192.0.2.1'), 300)
  viewers.saw('a', 2, at('192.0.2.1'), 4000)
  viewers.saw('b', 1, at('192.0.2.1'), 4000)
  expect(viewers.count(5000)).toEqual({ a: 2, b: 1 })
  viewers.saw('a', 1, at('192.0.2.1'), 9000)
  expect(viewers.count(14_999)).toEqual({ a: 2, b: 1 })
  expect(viewers.count(15_000)).toEqual({ a: 1 })
  expect(viewers.count(30_000)).toEqual({})
})

test('memory is bounded: beyond the limit new viewers are not counted, and room made is used again', () => {
  const viewers = createViewers({ limit: 3 })
  for (let viewer = 0; viewer < 10; viewer += 1) viewers.saw('a', viewer, at('192.0.2.1'), 0)
  expect(viewers.count(0)).toEqual({ a: 3 })
  expect(viewers.count(60_000)).toEqual({})
  viewers.saw('a', 11, at('192.0.2.1'), 60_000)
  expect(viewers.count(60_000)).toEqual({ a: 1 })
})

test('a player that begins without a word of who it is counts once when it tells', () => {
  const viewers = createViewers()
  viewers.saw('a', 5, at('192.0.2.1', 5), 0)
  expect(viewers.count(0)).toEqual({ a: 1 })
  viewers.saw('a', 1, at('192.0.2.1', 5), 0)
  expect(viewers.count(0)).toEqual({ a: 1 })
  viewers.saw('a', 2, at('192.0.2.1', 5), 0)
  viewers.saw('a', 6, at('192.0.2.2', 6), 0)
  expect(viewers.count(0)).toEqual({ a: 3 })
  expect(viewers.tally(0).a?.count).toBe(3)
  expect(viewers.tally(0).a?.ids).toContain(6)
})

test('one address is no crowd, whatever it tells', () => {
  const viewers = createViewers({ limitPerAddress: 3 })
  for (let viewer = 0; viewer < 10; viewer += 1)
    viewers.saw(viewer % 2 ? 'a' : 'b', viewer, at('192.0.2.1'), 0)
  viewers.saw('a', 100, at('192.0.2.2'), 0)
  expect(viewers.count(0)).toEqual({ a: 2, b: 2 })
  viewers.saw('a', 1, at('192.0.2.1'), 9000)
  expect(viewers.count(15_000)).toEqual({ a: 1 })
  viewers.saw('a', 200, at('192.0.2.1'), 15_000)
  viewers.saw('a', 201, at('192.0.2.1'), 15_000)
  viewers.saw('a', 202, at('192.0.2.1'), 15_000)
  expect(viewers.count(15_000)).toEqual({ a: 3 })
})

test('1000 viewers on channels of their own leave nothing behind', () => {
  const viewers = createViewers()
  for (let n = 0; n < 1000; n += 1) viewers.saw(`c${n}`, n, at('192.0.2.1'), 0)
  expect(Object.keys(viewers.count(1)).length).toBe(1000)
  expect(viewers.count(20_000)).toEqual({})
})
