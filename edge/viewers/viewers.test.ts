import { expect, test } from 'vitest'
import { createViewers } from './viewers.ts'

const at = (network: string, connectionId = -1) => ({ network, connectionId })

test('a viewer counts once per channel, for 10 s after the last request', () => {
  const viewers = createViewers()
  viewers.recordView('a', 1, at('192.0.2.1'), 0)
  viewers.recordView('a', 1, at('192.0.2.1'), 300)
  viewers.recordView('a', 2, at('192.0.2.1'), 4000)
  viewers.recordView('b', 1, at('192.0.2.1'), 4000)
  expect(viewers.count(5000)).toEqual({ a: 2, b: 1 })
  viewers.recordView('a', 1, at('192.0.2.1'), 9000)
  expect(viewers.count(14_999)).toEqual({ a: 2, b: 1 })
  expect(viewers.count(15_000)).toEqual({ a: 1 })
  expect(viewers.count(30_000)).toEqual({})
})

test('memory is bounded: beyond the limit new viewers are not counted until there is room again', () => {
  const viewers = createViewers({ limit: 3 })
  for (let viewer = 0; viewer < 10; viewer += 1) viewers.recordView('a', viewer, at('192.0.2.1'), 0)
  expect(viewers.count(0)).toEqual({ a: 3 })
  expect(viewers.count(60_000)).toEqual({})
  viewers.recordView('a', 11, at('192.0.2.1'), 60_000)
  expect(viewers.count(60_000)).toEqual({ a: 1 })
})

test('a player that sends its session id later counts once', () => {
  const viewers = createViewers()
  viewers.recordView('a', 5, at('192.0.2.1', 5), 0)
  expect(viewers.count(0)).toEqual({ a: 1 })
  viewers.recordView('a', 1, at('192.0.2.1', 5), 0)
  expect(viewers.count(0)).toEqual({ a: 1 })
  viewers.recordView('a', 2, at('192.0.2.1', 5), 0)
  viewers.recordView('a', 6, at('192.0.2.2', 6), 0)
  expect(viewers.count(0)).toEqual({ a: 3 })
  expect(viewers.counts(0).a?.count).toBe(3)
  expect(viewers.counts(0).a?.ids).toContain(6)
})

test('a network cannot pose as a crowd, whatever it sends', () => {
  const viewers = createViewers({ limitPerNetwork: 3 })
  for (let viewer = 0; viewer < 10; viewer += 1)
    viewers.recordView(viewer % 2 ? 'a' : 'b', viewer, at('192.0.2.1'), 0)
  viewers.recordView('a', 100, at('192.0.2.2'), 0)
  expect(viewers.count(0)).toEqual({ a: 2, b: 2 })
  viewers.recordView('a', 1, at('192.0.2.1'), 9000)
  expect(viewers.count(15_000)).toEqual({ a: 1 })
  viewers.recordView('a', 200, at('192.0.2.1'), 15_000)
  viewers.recordView('a', 201, at('192.0.2.1'), 15_000)
  viewers.recordView('a', 202, at('192.0.2.1'), 15_000)
  expect(viewers.count(15_000)).toEqual({ a: 3 })
})

test('1000 viewers on separate channels leave nothing behind', () => {
  const viewers = createViewers()
  for (let n = 0; n < 1000; n += 1) viewers.recordView(`c${n}`, n, at('192.0.2.1'), 0)
  expect(Object.keys(viewers.count(1)).length).toBe(1000)
  expect(viewers.count(20_000)).toEqual({})
})
