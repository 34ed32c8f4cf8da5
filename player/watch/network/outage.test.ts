import { expect, test } from 'vitest'
import { isOutage } from './outage.ts'

const sample = {
  silentMs: 1500,
  bufferSeconds: 0.5,
  pieceSeconds: 0.333,
  lateRoundTripMs: 100,
  hasAttempted: false,
}

test('silence that is unusual, with a short buffer, is an outage', () => {
  expect(isOutage(sample)).toBe(true)
  expect(isOutage({ ...sample, silentMs: 600 })).toBe(false)
  expect(isOutage({ ...sample, bufferSeconds: 2 })).toBe(false)
})

test('with segments or a long round trip, more silence is usual', () => {
  expect(isOutage({ ...sample, pieceSeconds: 2 })).toBe(false)
  expect(isOutage({ ...sample, lateRoundTripMs: 600 })).toBe(false)
})

test('during an outage the server is asked again and again', () => {
  const asked = { ...sample, hasAttempted: true }
  expect(isOutage({ ...asked, silentMs: 500 })).toBe(false)
  expect(isOutage({ ...asked, silentMs: 700 })).toBe(true)
})
