import { expect, test } from 'vitest'
import { type Curve, curveNames, curveOfCsv, readCurve } from './curve.ts'
import { deviation, perSecond, planViewers } from './plan.ts'

const usual = { viewers: 2000, seed: 1, gatherMs: 4000, settleMs: 2000 }
const arrivalsOf = (curve: Curve, options = usual) =>
  planViewers(curve, options).viewers.map(({ arriveMs }) => arriveMs)
/** Returns how many viewers are present at a time of a plan, ms. */
const presentAt = (plan: ReturnType<typeof planViewers>, ms: number) =>
  plan.viewers.filter(({ arriveMs, leaveMs = Number.POSITIVE_INFINITY }) => arriveMs <= ms && leaveMs > ms)
    .length

test('idol brings 0.9 of the crowd in 10 s, as the formula says for each second', () => {
  const counts = perSecond(arrivalsOf(readCurve('idol')).filter((ms) => ms >= 0))
  const expected = [434, 338, 263, 205, 159, 124, 97, 76, 58, 46]
  for (const [second, count] of expected.entries())
    expect(Math.abs((counts.get(second) ?? 0) - count)).toBeLessThanOrEqual(2)
  expect(counts.size).toBe(10)
})

test('insiders come before the curve begins, and have time to settle', () => {
  const { viewers } = planViewers(readCurve('idol'), usual)
  const insiders = viewers.filter(({ isInsider }) => isInsider)
  expect(insiders).toHaveLength(200)
  expect(insiders[0]?.arriveMs).toBeGreaterThanOrEqual(-6000)
  expect(insiders.at(-1)?.arriveMs).toBeLessThan(-2000)
})

test.each(curveNames())(
  '%s: the same seed returns the same plan, and no viewer leaves before arriving',
  (name) => {
    const plan = planViewers(readCurve(name), usual)
    expect(planViewers(readCurve(name), usual)).toEqual(plan)
    expect(plan.viewers.length).toBeGreaterThan(0)
    expect(plan.viewers.every(({ arriveMs, leaveMs = arriveMs }) => leaveMs >= arriveMs)).toBe(true)
    expect(Math.max(...plan.viewers.map(({ arriveMs }) => arriveMs))).toBeLessThanOrEqual(plan.lengthMs)
    expect(Math.max(...[0, plan.lengthMs].map((ms) => presentAt(plan, ms)))).toBeLessThanOrEqual(2000)
  },
)

test('another seed returns another plan of the same curve', () => {
  const [one, other] = [1, 2].map((seed) => arrivalsOf(readCurve('idol'), { ...usual, seed }))
  expect(one).not.toEqual(other)
  expect(one).toHaveLength(other?.length ?? 0)
})

test('at the cliff 96 % of the crowd leave', () => {
  const plan = planViewers(readCurve('climb-and-cliff'), usual)
  expect(presentAt(plan, 623_999)).toBeGreaterThan(1990)
  expect(presentAt(plan, plan.lengthMs)).toBeLessThan(100)
})

test('fight-night passes through its points', () => {
  const plan = planViewers(readCurve('fight-night'), usual)
  for (const [seconds, share] of [
    [240, 0.535],
    [300, 0.48],
    [480, 0.91],
    [600, 1],
  ] as const)
    expect(Math.abs(presentAt(plan, seconds * 1000) / 2000 - share)).toBeLessThan(0.01)
})

test('a faster plan has the same viewers in less time', () => {
  const plan = planViewers(readCurve('kickoff'), { ...usual, speed: 10 })
  expect(plan.lengthMs).toBe(32_000)
  expect(plan.viewers).toHaveLength(2000)
})

test('a CSV file is a curve, with a header and any number of viewers', () => {
  const curve = curveOfCsv('own', 'seconds,viewers\n10,500\n20,1000\n30,250\n')
  const plan = planViewers(curve, usual)
  expect(plan.lengthMs).toBe(20_000)
  expect([0, 10_000, 20_000].map((ms) => presentAt(plan, ms))).toEqual([1000, 2000, 500])
})

test.each([
  ['one point', '1,2'],
  ['times that do not rise', '1,2\n1,3'],
  ['no viewers', '1,0\n2,0'],
  ['a negative number of viewers', '1,5\n2,-1'],
])('a CSV file with %s is refused', (_, text) => {
  expect(() => curveOfCsv('own', text)).toThrow('own.csv must have lines')
})

test('a curve that does not exist is named', () => {
  expect(() => readCurve('flood')).toThrow('there is no curve "flood"')
  expect(() => readCurve('missing.csv')).toThrow('cannot read missing.csv')
})

test('the deviation is the largest share of viewers that are early, late or missing', () => {
  const plan = planViewers(readCurve('idol'), { ...usual, viewers: 100 })
  const planned = plan.viewers.map(({ arriveMs }) => arriveMs)
  expect(deviation(plan, planned)).toBe(0)
  expect(
    deviation(
      plan,
      planned.map((ms) => ms + 1),
    ),
  ).toBe(0)
  expect(deviation(plan, planned.slice(3))).toBeCloseTo(0.02)
  expect(deviation(plan, [...planned.slice(0, 95), ...Array.from({ length: 5 }, () => 60_000)])).toBeCloseTo(
    0.04,
  )
})
