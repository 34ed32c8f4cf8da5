import { expect, test } from 'vitest'
import { betterStart, chooseStart, readFirstBytes, type Start } from './first-request.ts'

const navigation = {
  connectStart: 0,
  connectEnd: 50,
  requestStart: 50,
  responseStart: 110,
  responseEnd: 410,
  encodedBodySize: 151_460,
}

test('the page itself shows round trip and bandwidth', () => {
  expect(readFirstBytes(navigation, 0, 0)).toEqual({ rttMs: 50, bitsPerSecond: 4_000_000 })
})

test('a short transfer shows nothing', () => {
  expect(readFirstBytes({ ...navigation, responseEnd: 130 }, 0, 0).bitsPerSecond).toBeUndefined()
})

test('a page that is not complete shows at least what has arrived', () => {
  const partial = { ...navigation, responseEnd: 0, encodedBodySize: 0 }
  expect(readFirstBytes(partial, 51_460, 510).bitsPerSecond).toBe(1_000_000)
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

const near: Start = { rate: 6000, distance: 0 }
const asked = { requestedAt: 1000, firstByteAt: undefined, receivedBytes: 0, totalBytes: undefined }

test('a response that takes long leads to a start far from the live edge, at the lowest bitrate', () => {
  const far = { rate: 400, distance: 4 }
  expect(betterStart(near, { ...asked, now: 1400 })).toBeUndefined()
  expect(betterStart(near, { ...asked, now: 1600 })).toEqual(far)
  expect(betterStart(near, { ...asked, now: 2250, firstByteAt: 2200 })).toEqual(far)
  expect(betterStart(near, { ...asked, now: 1800, firstByteAt: 1700 })).toBeUndefined()
})

test('a bundle that would take long to arrive is replaced by a smaller one', () => {
  const slow = { ...asked, firstByteAt: 1240, totalBytes: 800_000 }
  expect(betterStart(near, { ...slow, now: 1340, receivedBytes: 12_500 })).toBeUndefined()
  expect(betterStart(near, { ...slow, now: 1540, receivedBytes: 37_500 })).toEqual({ rate: 400, distance: 2 })
  expect(betterStart(near, { ...slow, now: 1540, receivedBytes: 200_000 })).toBeUndefined()
})

test('the lowest start is never replaced', () => {
  expect(betterStart({ rate: 400, distance: 4 }, { ...asked, now: 9000 })).toBeUndefined()
})
