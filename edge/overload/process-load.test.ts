import { expect, test } from 'vitest'
import { combineLoads, type ProcessLoad, pressureOf, smoothLoads, watchLoad } from './process-load.ts'

const load: ProcessLoad = { delayMs: 100, busy: 0.5, egressBits: 1e6 }

test('pressure is the share of each limit that is used', () => {
  expect(pressureOf(load, { delayMs: 200, busy: 1, egressBits: 0 })).toEqual({
    delayMs: 0.5,
    busy: 0.5,
    egressBits: 0,
  })
})

test('delays of an edge that is not busy are no pressure', () => {
  const limits = { delayMs: 200, busy: 1, egressBits: 0 }
  expect(pressureOf({ ...load, delayMs: 1000, busy: 0.2 }, limits).delayMs).toBe(0)
})

test('several processes count with the worst delay and utilisation, and all egress', () => {
  expect(combineLoads([load, { delayMs: 20, busy: 0.9, egressBits: 2e6 }])).toEqual({
    delayMs: 100,
    busy: 0.9,
    egressBits: 3e6,
  })
})

test('a single pause is no overload, and bursts are averaged', () => {
  const still: ProcessLoad = { delayMs: 5, busy: 0.1, egressBits: 0 }
  expect(smoothLoads([still, { delayMs: 3000, busy: 0.5, egressBits: 4e6 }, still, still])).toEqual({
    delayMs: 5,
    busy: expect.closeTo(0.2),
    egressBits: 1e6,
  })
  expect(smoothLoads([still, load, still, load]).delayMs).toBe(100)
})

test('a process that works without a pause is busy and delayed, and its bytes are counted', async () => {
  let bytes = 0
  const samples: ProcessLoad[] = []
  await new Promise<void>((resolve) => {
    const stop = watchLoad(
      () => bytes,
      (sample) => {
        if (samples.push(sample) === 4) {
          stop()
          resolve()
        }
        bytes += 100_000
        for (const end = performance.now() + 300; performance.now() < end; );
      },
      50,
    )
  })
  const last = samples.at(-1)
  expect(last?.delayMs).toBeGreaterThan(100)
  expect(last?.busy).toBeGreaterThan(0.5)
  expect(last?.egressBits).toBeGreaterThan(10_000)
})
