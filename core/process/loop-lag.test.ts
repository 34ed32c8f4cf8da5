import { expect, test } from 'vitest'
import { addLoopLagMetrics } from './loop-lag.ts'
import { newRegistry } from './metrics.ts'

/** Samples of a loop, ms: the time between two that should be 100 ms apart. */
function setUp(mean: number, max: number, p99: number, count = 10) {
  const registry = newRegistry('test')
  const samples = {
    count,
    mean: mean * 1e6,
    max: max * 1e6,
    percentile: () => p99 * 1e6,
    reset() {
      samples.count = 0
    },
  }
  addLoopLagMetrics(registry, samples)
  return async () => {
    const lines = (await registry.metrics()).split('\n').filter((line) => line.startsWith('nodejs_'))
    return lines.map((line) => Number(line.split(' ')[1]))
  }
}

test('the lag of a loop that is on time is 0, although samples are 100 ms apart', async () => {
  const read = setUp(100, 100, 99.5)
  expect(await read()).toEqual([0, 0, 0])
})

test('the lag is what exceeds the interval of the samples, since the last scrape', async () => {
  const read = setUp(104, 350, 180)
  const [mean, max, p99] = await read()
  expect(mean).toBeCloseTo(0.004)
  expect(max).toBeCloseTo(0.25)
  expect(p99).toBeCloseTo(0.08)
  expect(await read()).toEqual([0, 0, 0])
})
