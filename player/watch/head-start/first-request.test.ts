import { expect, test } from 'vitest'
import { chooseStart, readFirstBytes } from './first-request.ts'

const navigation = {
  connectStart: 0,
  connectEnd: 50,
  requestStart: 50,
  responseStart: 110,
  responseEnd: 160,
  encodedBodySize: 26_460,
}

test('the page itself shows round trip and bandwidth', () => {
  expect(readFirstBytes(navigation, 0, 0)).toEqual({ rttMs: 50, bitsPerSecond: 4_000_000 })
})

test('a page that is not complete shows at least what has arrived', () => {
  const partial = { ...navigation, responseEnd: 0, encodedBodySize: 0 }
  expect(readFirstBytes(partial, 26_460, 310).bitsPerSecond).toBe(1_000_000)
})

test('without a connection of its own, the response shows the round trip', () => {
  expect(readFirstBytes({ ...navigation, connectEnd: 0 }, 0, 0).rttMs).toBe(60)
  expect(readFirstBytes(undefined, 0, 0)).toEqual({ rttMs: 0, bitsPerSecond: undefined })
})

test.each([
  ['fibre', 10, 50_000_000, { rate: 12_000, distance: 0 }],
  ['a mobile network', 50, 10_000_000, { rate: 3000, distance: 0 }],
  ['busy Wi-Fi', 110, 5_000_000, { rate: 1500, distance: 2 }],
  ['a slow line', 120, 1_000_000, { rate: 400, distance: 2 }],
  ['a satellite', 620, 20_000_000, { rate: 6000, distance: 4 }],
])('%s', (_, rttMs, bitsPerSecond, start) => {
  expect(chooseStart({ rttMs, bitsPerSecond })).toEqual(start)
})
