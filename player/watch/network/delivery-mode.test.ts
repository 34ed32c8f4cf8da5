import { expect, test } from 'vitest'
import { createDeliveryMode } from './delivery-mode.ts'

const link = { partSeconds: 0.333, isMultiplexed: false }

test('parts are loaded as long as they can be had in time', () => {
  const delivery = createDeliveryMode()
  expect(delivery.decide({ atMs: 0, rttMs: 20, ...link })).toBe('parts')
  expect(delivery.decide({ atMs: 1, rttMs: 300, ...link })).toBe('parts')
})

test('with a long round trip segments are loaded, and parts again after a while without it', () => {
  const delivery = createDeliveryMode()
  expect(delivery.decide({ atMs: -2000, rttMs: 600, ...link })).toBe('parts')
  expect(delivery.decide({ atMs: 0, rttMs: 600, ...link })).toBe('segments')
  expect(delivery.decide({ atMs: 1000, rttMs: 100, ...link })).toBe('segments')
  expect(delivery.decide({ atMs: 5000, rttMs: 600, ...link })).toBe('segments')
  expect(delivery.decide({ atMs: 6000, rttMs: 100, ...link })).toBe('segments')
  expect(delivery.decide({ atMs: 15_000, rttMs: 100, ...link })).toBe('segments')
  expect(delivery.decide({ atMs: 16_000, rttMs: 100, ...link })).toBe('parts')
})

test('a round trip that is long for a moment changes nothing', () => {
  const delivery = createDeliveryMode()
  expect(delivery.decide({ atMs: 0, rttMs: 600, ...link })).toBe('parts')
  expect(delivery.decide({ atMs: 1900, rttMs: 400, ...link })).toBe('parts')
  expect(delivery.decide({ atMs: 2100, rttMs: 600, ...link })).toBe('parts')
})

test('on one connection for all requests, parts are worth while for longer', () => {
  const delivery = createDeliveryMode()
  for (const atMs of [0, 5000])
    expect(delivery.decide({ atMs, rttMs: 600, ...link, isMultiplexed: true })).toBe('parts')
})
