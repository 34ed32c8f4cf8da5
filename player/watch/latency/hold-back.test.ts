import { expect, test } from 'vitest'
import { createHoldBack } from './hold-back.ts'

const options = { minSeconds: 1, maxSeconds: 5, initialSeconds: 1 }

/** Adds a sample every 100 ms for `seconds`. Each has the same `buffer`, seconds, at the target distance. */
function follow(
  holdBack: ReturnType<typeof createHoldBack>,
  { fromMs, seconds, buffer }: { fromMs: number; seconds: number; buffer: number },
) {
  for (let atMs = fromMs; atMs < fromMs + seconds * 1000; atMs += 100)
    holdBack.follow({ atMs, bufferSeconds: buffer, distanceSeconds: holdBack.seconds })
}

test('a buffer that almost runs dry increases the distance at once', () => {
  const holdBack = createHoldBack(options)
  follow(holdBack, { fromMs: 0, seconds: 0.2, buffer: 0.05 })
  expect(holdBack.seconds).toBeGreaterThan(1.2)
})

test('a distance that is not reached yet is not increased further', () => {
  const holdBack = createHoldBack({ ...options, initialSeconds: 2 })
  for (let atMs = 0; atMs < 5000; atMs += 100)
    holdBack.follow({ atMs, bufferSeconds: 0.05, distanceSeconds: 1.2 })
  expect(holdBack.seconds).toBe(2)
})

test('the distance stays while the buffer is neither short nor too long', () => {
  const holdBack = createHoldBack({ ...options, initialSeconds: 2 })
  follow(holdBack, { fromMs: 0, seconds: 60, buffer: 0.45 })
  expect(holdBack.seconds).toBe(2)
})

test('it decreases slowly when the media was less late for a while', () => {
  const holdBack = createHoldBack({ ...options, initialSeconds: 3 })
  follow(holdBack, { fromMs: 0, seconds: 7, buffer: 2 })
  expect(holdBack.seconds).toBe(3)
  follow(holdBack, { fromMs: 7000, seconds: 5, buffer: 2 })
  expect(holdBack.seconds).toBeLessThan(3)
  expect(holdBack.seconds).toBeGreaterThan(2.3)
})

test('it does not decrease below what the latest media of the last 45 s needs', () => {
  const holdBack = createHoldBack({ ...options, initialSeconds: 3 })
  const run = (fromMs: number, seconds: number, lateness: number) => {
    for (let atMs = fromMs; atMs < fromMs + seconds * 1000; atMs += 100)
      holdBack.follow({
        atMs,
        bufferSeconds: holdBack.seconds - lateness,
        distanceSeconds: holdBack.seconds,
      })
  }
  run(0, 1, 1.2)
  run(1000, 40, 0.4)
  expect(holdBack.seconds).toBeGreaterThan(1.5)
  run(41_000, 40, 0.4)
  expect(holdBack.seconds).toBeLessThan(1.3)
})

test('a long stall increases it once, further stalls do so within its bounds', () => {
  const holdBack = createHoldBack(options)
  for (let atMs = 0; atMs < 6000; atMs += 100) {
    holdBack.stalled(atMs)
    holdBack.follow({ atMs, bufferSeconds: 0, distanceSeconds: 1 + atMs / 1000 })
  }
  expect(holdBack.seconds).toBeLessThan(1.6)
  for (let i = 1; i < 50; i++) {
    follow(holdBack, { fromMs: i * 10_000, seconds: 1, buffer: 1 })
    holdBack.stalled(i * 10_000 + 1000)
  }
  expect(holdBack.seconds).toBe(5)
})

test('media that a stall held up does not count as late', () => {
  const holdBack = createHoldBack(options)
  holdBack.stalled(0)
  follow(holdBack, { fromMs: 0, seconds: 3, buffer: 0.2 })
  follow(holdBack, { fromMs: 3000, seconds: 27, buffer: 1 })
  expect(holdBack.seconds).toBeLessThan(1.1)
})

test('the lateness of a higher rendition does not count after a change to a lower one', () => {
  const holdBack = createHoldBack({ ...options, initialSeconds: 2 })
  follow(holdBack, { fromMs: 0, seconds: 10, buffer: 0.5 })
  holdBack.renditionFell(10_000)
  follow(holdBack, { fromMs: 10_000, seconds: 20, buffer: 1.9 })
  expect(holdBack.seconds).toBeLessThan(1.2)
})

test('the reserve is kept beyond the minimum, and given up slowly when it is no longer needed', () => {
  const holdBack = createHoldBack(options)
  const run = (fromMs: number, seconds: number, reserveSeconds: number) => {
    for (let atMs = fromMs; atMs < fromMs + seconds * 1000; atMs += 100)
      holdBack.follow({ atMs, bufferSeconds: 2, distanceSeconds: holdBack.seconds, reserveSeconds })
  }
  run(0, 20, 0.6)
  expect(holdBack.seconds).toBe(1.6)
  run(20_000, 3, 0)
  expect(holdBack.seconds).toBeGreaterThan(1.2)
  run(23_000, 60, 0)
  expect(holdBack.seconds).toBeLessThan(1.05)
})
