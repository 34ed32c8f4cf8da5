import { expect, test } from 'vitest'
import { createRoundTrip } from './round-trip.ts'

test('the typical round trip ignores single late ones, the late one does not', () => {
  const roundTrip = createRoundTrip(70)
  expect([roundTrip.typical, roundTrip.late]).toEqual([70, 70])
  for (let i = 0; i < 20; i++) roundTrip.add(i % 10 === 0 ? 400 : 50)
  expect(roundTrip.typical).toBe(50)
  expect(roundTrip.late).toBe(400)
})

test('only the last samples count', () => {
  const roundTrip = createRoundTrip(0)
  for (let i = 0; i < 100; i++) roundTrip.add(600)
  for (let i = 0; i < 30; i++) roundTrip.add(50)
  expect(roundTrip.late).toBe(50)
})

test('old samples say only how short the round trip can be', () => {
  let now = 0
  const roundTrip = createRoundTrip(70, () => now)
  for (const ms of [400, 30, 390]) roundTrip.add(ms)
  now = 14_000
  expect(roundTrip.typical).toBe(390)
  now = 16_000
  expect([roundTrip.typical, roundTrip.late]).toEqual([30, 30])
})
