import { expect, test } from 'vitest'
import { createThroughput } from './throughput.ts'

const packet = 1460
/** Returns the length of a body, bytes, that takes `ms` after its first packet at 8 Mbit/s. */
const bytesIn = (ms: number) => ms * 1000 + packet

test('until enough bytes have arrived, the first estimate counts', () => {
  const throughput = createThroughput(3_000_000)
  throughput.add({ start: 0, end: 1, bytes: 5000 })
  expect(throughput.estimate.safe).toBe(3_000_000)
})

test('only the time in which bytes arrived counts', () => {
  const throughput = createThroughput(1)
  for (let at = 0; at < 3000; at += 300) throughput.add({ start: at, end: at + 10, bytes: bytesIn(10) })
  expect(throughput.estimate.slow).toBeCloseTo(8_000_000, -3)
})

test('transfers at the same time share the link', () => {
  const throughput = createThroughput(1)
  throughput.add({ start: 0, end: 100, bytes: 50_000 + packet })
  throughput.add({ start: 0, end: 100, bytes: 50_000 })
  expect(throughput.estimate.safe).toBeCloseTo(8_000_000, -3)
})

test('a short transfer during another one counts whole, because its first packet took time of the link', () => {
  const throughput = createThroughput(1)
  for (let at = 0; at < 3000; at += 333) {
    throughput.add({ start: at, end: at + 100, bytes: bytesIn(100) - packet })
    throughput.add({ start: at + 50, end: at + 51, bytes: packet })
  }
  expect(throughput.estimate.slow).toBeCloseTo(8_000_000, -3)
})

test('a slower link is noticed within seconds, a faster one later', () => {
  const throughput = createThroughput(1)
  let at = 0
  const run = (seconds: number, bits: number) => {
    for (const until = at + seconds * 1000; at < until; at += 250) {
      const bytes = 20_000
      throughput.add({ start: at, end: at + (bytes * 8000) / bits, bytes: bytes + packet })
    }
  }
  run(10, 8_000_000)
  run(2.5, 1_000_000)
  expect(throughput.estimate.safe).toBeLessThan(1_500_000)
  run(3, 8_000_000)
  expect(throughput.estimate.fast).toBeGreaterThan(5_000_000)
  expect(throughput.estimate.safe).toBeLessThan(5_000_000)
  run(4.5, 8_000_000)
  expect(throughput.estimate.slow).toBeLessThan(5_000_000)
  expect(throughput.estimate.safe).toBeGreaterThan(7_000_000)
  run(10, 8_000_000)
  expect(throughput.estimate.slow).toBeGreaterThan(7_000_000)
  expect(throughput.estimate.safe).toBeGreaterThan(7_000_000)
})

test('after a fall the faster transfers before it no longer count', () => {
  const throughput = createThroughput(1)
  for (let at = 0; at < 5000; at += 250) throughput.add({ start: at, end: at + 20, bytes: 21_460 })
  throughput.limit(300_000, 5600)
  expect(throughput.estimate.safe).toBe(300_000)
  throughput.add({ start: 5000, end: 5640, bytes: 24_000 })
  expect(throughput.estimate.safe).toBe(300_000)
  throughput.add({ start: 5640, end: 6280, bytes: 24_000 })
  expect(throughput.estimate.safe).toBeCloseTo(300_000, -5)
})
