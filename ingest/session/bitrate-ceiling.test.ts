import { expect, test } from 'vitest'
import { BitrateCeiling } from './bitrate-ceiling.ts'

const from = 1_000_000

/**
 * Sends 100 packets a second at the bitrate of each stretch, bits/s. Returns why the session must end
 * (undefined if it may continue), after how many seconds, and in which seconds the bitrate was near the
 * ceiling.
 */
function run(max: number, ...stretches: readonly (readonly [seconds: number, bitrate: number])[]) {
  const ceiling = new BitrateCeiling(max)
  const near = new Set<number>()
  let now = from
  for (const [seconds, bitrate] of stretches)
    for (let packet = 0; packet < seconds * 100; packet++) {
      now += 10
      const why = ceiling.add(bitrate / 800, now)
      if (ceiling.isNear) near.add(Math.floor((now - from) / 1000))
      if (why !== undefined) return { why, seconds: (now - from) / 1000, near: [...near] }
    }
  return { why: undefined, seconds: (now - from) / 1000, near: [...near] }
}

test('a bitrate above the ceiling ends the session after 5 s, with a warning before', () => {
  const { why, seconds, near } = run(50e6, [60, 51e6])
  expect(why).toMatch(
    /^The bitrate is 5[12] Mbit\/s and may be 50 Mbit\/s. Choose a lower bitrate in the encoder settings.$/,
  )
  expect(seconds).toBeGreaterThan(5)
  expect(seconds).toBeLessThan(7)
  expect(near[0]).toBeLessThanOrEqual(1)
})

test('a bitrate just above the ceiling is not reported as the ceiling', () => {
  expect(run(50e6, [60, 50.2e6]).why).toMatch(/is 5[12] Mbit/)
})

test.each([
  ['below the ceiling', 50e6, [[60, 49e6]]],
  ['without a ceiling', 0, [[20, 900e6]]],
  [
    'that exceeds it for 3 s',
    50e6,
    [
      [10, 20e6],
      [1, 150e6],
      [20, 20e6],
      [1, 150e6],
      [20, 20e6],
    ],
  ],
] as const)('a bitrate %s is accepted', (_what, max, stretches) => {
  expect(run(max, ...stretches).why).toBeUndefined()
})

test('the warning begins at four fifths of the ceiling and ends with its cause', () => {
  expect(run(50e6, [20, 39e6]).near).toEqual([])
  const { near } = run(50e6, [10, 10e6], [10, 42e6], [10, 10e6])
  expect(near[0]).toBeGreaterThanOrEqual(12)
  expect(near.at(-1)).toBeLessThanOrEqual(21)
})
