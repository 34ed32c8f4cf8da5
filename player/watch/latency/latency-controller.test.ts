import { expect, test } from 'vitest'
import { createLatencyController, type LatencyController } from './latency-controller.ts'

const everyMs = 100

/**
 * Simulates a live edge that advances one second per second, media that arrives every `pieceSeconds`, and a
 * playhead that follows the controller. `distance` is the distance of the playhead at the start, seconds.
 */
function createPlayer(controller: LatencyController, distance: number, pieceSeconds: number) {
  let atMs = 0
  let playhead = 0
  let rate = 1
  const edge = () => distance + atMs / 1000
  const rates: number[] = []
  return {
    rates,
    distance: () => edge() - playhead,
    run(seconds: number) {
      for (let i = 0; i < (seconds * 1000) / everyMs; i++) {
        atMs += everyMs
        playhead += (rate * everyMs) / 1000
        const received = Math.floor(edge() / pieceSeconds) * pieceSeconds
        const bufferSeconds = received - playhead
        const steering = controller.steer({ atMs, distanceSeconds: edge() - playhead, bufferSeconds })
        if (steering.kind === 'jump') playhead = edge() - controller.targetSeconds
        rate = steering.kind === 'rate' ? steering.rate : 1
        rates.push(rate)
      }
    },
    get atMs() {
      return atMs
    },
  }
}

const low = { holdBackSeconds: 1, pieceSeconds: 0.333 }
const ultra = { holdBackSeconds: 0.3, pieceSeconds: 0.1 }

/** Steers once, 10 s before the samples of the test, so that playback no longer counts as joining. */
function settle(controller: LatencyController, distanceSeconds: number) {
  controller.steer({ atMs: -10_000, distanceSeconds, bufferSeconds: 0.5 })
}

test('a late join takes one jump within the buffer, then the rate changes', () => {
  const controller = createLatencyController(low)
  const early = controller.steer({ atMs: 0, distanceSeconds: 2, bufferSeconds: 0.6 })
  expect(early.kind).toBe('rate')
  expect(controller.steer({ atMs: 100, distanceSeconds: 2, bufferSeconds: 1.5 })).toEqual({ kind: 'jump' })
  expect(controller.steer({ atMs: 200, distanceSeconds: 2, bufferSeconds: 1.5 }).kind).toBe('rate')
})

test('a typical join reaches the target without a jump', () => {
  const controller = createLatencyController(low)
  const player = createPlayer(controller, 1.5, low.pieceSeconds)
  const steering = controller.steer({ atMs: 0, distanceSeconds: 1.5, bufferSeconds: 1.4 })
  expect(steering.kind).toBe('rate')
  player.run(6)
  expect(Math.abs(player.distance() - 1)).toBeLessThan(0.1)
})

test('catches up half a second within 6 s, then plays at normal speed', () => {
  const controller = createLatencyController(low)
  settle(controller, 1.5)
  const player = createPlayer(controller, 1.5, low.pieceSeconds)
  player.run(6)
  expect(Math.abs(player.distance() - 1)).toBeLessThan(0.1)
  player.run(10)
  expect(player.rates.slice(-50).every((rate) => rate === 1)).toBe(true)
})

test('the rate stays within its bounds', () => {
  const controller = createLatencyController({ ...low, maxRate: 1.08 })
  settle(controller, 1.9)
  const player = createPlayer(controller, 1.9, low.pieceSeconds)
  player.run(30)
  expect(Math.max(...player.rates)).toBe(1.08)
  expect(Math.min(...player.rates)).toBeGreaterThanOrEqual(0.95)
})

test('increases a distance from the live edge that is too small', () => {
  const controller = createLatencyController(ultra)
  const player = createPlayer(controller, 0.3, ultra.pieceSeconds)
  player.run(8)
  expect(player.distance()).toBeGreaterThan(0.5)
})

test('slows down at once when the buffer is about to run dry, even far from the live edge', () => {
  const controller = createLatencyController(low)
  const steering = controller.steer({ atMs: 0, distanceSeconds: 2, bufferSeconds: 0.02 })
  expect(steering).toEqual({ kind: 'rate', rate: 0.95 })
})

test('jumps when catching up would take too long', () => {
  const controller = createLatencyController(low)
  expect(controller.steer({ atMs: 0, distanceSeconds: 30, bufferSeconds: 0 })).toEqual({ kind: 'jump' })
})

test('while joining, it does not jump away from buffered media', () => {
  const far = { distanceSeconds: 7, bufferSeconds: 2 }
  const joining = createLatencyController(low)
  expect(joining.steer({ atMs: 0, ...far }).kind).toBe('rate')
  expect(joining.steer({ atMs: 4900, ...far }).kind).toBe('rate')
  expect(joining.steer({ atMs: 5000, ...far })).toEqual({ kind: 'jump' })
  const dry = createLatencyController(low)
  expect(dry.steer({ atMs: 0, ...far }).kind).toBe('rate')
  expect(dry.steer({ atMs: 1800, ...far, bufferSeconds: 0.2 })).toEqual({ kind: 'jump' })
  const joined = createLatencyController(low)
  settle(joined, 1)
  expect(joined.steer({ atMs: 0, ...far })).toEqual({ kind: 'jump' })
})

test('far behind, it jumps within the buffer, and not twice in a row', () => {
  const controller = createLatencyController(low)
  settle(controller, 1)
  const far = { distanceSeconds: 2.5, bufferSeconds: 1 }
  expect(controller.steer({ atMs: 0, ...far }).kind).toBe('rate')
  expect(controller.steer({ atMs: 100, ...far, bufferSeconds: 2.2 })).toEqual({ kind: 'jump' })
  expect(controller.steer({ atMs: 200, ...far, bufferSeconds: 2.2 }).kind).toBe('rate')
  expect(controller.steer({ atMs: 6000, ...far, bufferSeconds: 2.2 })).toEqual({ kind: 'jump' })
})

test('a stall adds distance, within a bound; without stalls it decreases again', () => {
  const controller = createLatencyController(ultra)
  const calmTarget = controller.targetSeconds
  controller.stalled(0)
  const once = controller.targetSeconds
  expect(once).toBeGreaterThan(calmTarget)
  for (let i = 1; i < 100; i++) controller.stalled(i * 2000)
  expect(controller.targetSeconds).toBeLessThanOrEqual(5)

  const calm = createLatencyController(ultra)
  calm.stalled(0)
  const player = createPlayer(calm, once, ultra.pieceSeconds)
  player.run(9)
  expect(calm.targetSeconds).toBe(once)
  player.run(200)
  expect(calm.targetSeconds).toBeLessThan(calmTarget + 0.1)
})

test('a long round trip needs more distance from the beginning', () => {
  const near = createLatencyController({ ...low, link: { rttMs: 10, bits: 5e6 } })
  const far = createLatencyController({ ...low, link: { rttMs: 150, bits: 5e6 } })
  expect(near.targetSeconds).toBe(0.97)
  expect(far.targetSeconds).toBeGreaterThan(1.3)
})
