import { expect, test } from 'vitest'
import { Bitrate } from './bitrate.ts'

test('the bitrate follows the last seconds', () => {
  const bitrate = new Bitrate()
  expect(bitrate.bitsPerSecond).toBe(0)
  for (let time = 0; time < 10_000; time += 20) bitrate.add(time, 2500)
  expect(bitrate.bitsPerSecond / 1e6).toBeCloseTo(1, 1)
  for (let time = 10_000; time < 15_000; time += 20) bitrate.add(time, 10_000)
  expect(bitrate.bitsPerSecond / 1e6).toBeCloseTo(4, 1)
  bitrate.add(1_000_000, 100)
  expect(bitrate.bitsPerSecond).toBeLessThan(1000)
})
