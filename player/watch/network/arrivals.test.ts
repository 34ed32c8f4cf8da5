import { expect, test } from 'vitest'
import { createArrivals } from './arrivals.ts'

/** Adds bytes every 20 ms between two times, ms, at a bandwidth of `bits` per second. */
function arrive(
  arrivals: ReturnType<typeof createArrivals>,
  body: object,
  { from, to, bits }: { from: number; to: number; bits: number },
) {
  for (let at = from; at <= to; at += 20) arrivals.add(body, (bits / 8000) * 20, at)
}

test('a body shows the bandwidth when it has been arriving for a while', () => {
  const [arrivals, body] = [createArrivals(), {}]
  arrive(arrivals, body, { from: 1000, to: 1200, bits: 2_000_000 })
  expect(arrivals.bits(1200, 50)).toBeUndefined()
  arrive(arrivals, body, { from: 1220, to: 1500, bits: 2_000_000 })
  expect(arrivals.bits(1500, 50)).toBeCloseTo(2_000_000, -4)
})

test('what the link no longer carries is forgotten soon', () => {
  const [arrivals, body] = [createArrivals(), {}]
  arrive(arrivals, body, { from: 1000, to: 2000, bits: 4_000_000 })
  arrive(arrivals, body, { from: 2020, to: 2640, bits: 800_000 })
  expect(arrivals.bits(2640, 50)).toBeCloseTo(800_000, -5)
})

test('silence counts, and bodies that arrive together share the bandwidth', () => {
  const [arrivals, one, other] = [createArrivals(), {}, {}]
  arrive(arrivals, one, { from: 1000, to: 1600, bits: 1_000_000 })
  arrive(arrivals, other, { from: 1000, to: 1600, bits: 1_000_000 })
  expect(arrivals.bits(1600, 50)).toBeCloseTo(2_000_000, -5)
  expect(arrivals.bits(1900, 50)).toBeCloseTo(1_000_000, -5)
  expect(arrivals.bits(2300, 50)).toBe(0)
})

test('with a long round trip it takes longer to know the bandwidth', () => {
  const [arrivals, body] = [createArrivals(), {}]
  arrive(arrivals, body, { from: 1000, to: 4000, bits: 2_000_000 })
  expect(arrivals.bits(3000, 600)).toBeUndefined()
  expect(arrivals.bits(4000, 600)).toBeCloseTo(2_000_000, -4)
})

test('the bytes so far and, from the lengths, the bytes to come are known', () => {
  const [arrivals, one, other] = [createArrivals(), {}, {}]
  arrivals.add(one, 300, 0, 1000)
  arrivals.add(other, 300, 0)
  arrivals.add(one, 200, 10, 1000)
  expect(arrivals.left).toBe(500)
  expect(arrivals.received).toBe(800)
  arrivals.end(one)
  expect(arrivals.left).toBe(0)
  expect(arrivals.received).toBe(300)
})

test('without a body in progress nothing is known', () => {
  const [arrivals, body] = [createArrivals(), {}]
  arrive(arrivals, body, { from: 1000, to: 2000, bits: 1_000_000 })
  arrivals.end(body)
  expect(arrivals.bits(2000, 50)).toBeUndefined()
  expect(arrivals.lastAt).toBe(2000)
})
