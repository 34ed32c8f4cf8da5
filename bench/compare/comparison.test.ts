import { expect, test } from 'vitest'
import { type Figure, repeated } from '../figures/table.ts'
import { compareFigures } from './comparison.ts'

const usual = [98, 99, 100, 101, 102]
const times = (factor: number) => usual.map((each) => each * factor)
const verdictOf = (before: Figure, after: Figure) => compareFigures([before], [after])[0]?.verdict
const cpu = (repeats: readonly number[], better?: 'lower' | 'higher') =>
  repeated('CPU', 's', repeats, better === undefined ? {} : { better })

test.each([
  [1, 'same'],
  [1.03, 'same'],
  [1.2, 'worse'],
  [0.8, 'better'],
])('a figure that should be low and is %f times as high is %s', (factor, verdict) => {
  expect(verdictOf(cpu(usual, 'lower'), cpu(times(factor), 'lower'))).toBe(verdict)
})

test('a figure that should be high is worse when it falls', () => {
  expect(verdictOf(cpu(usual, 'higher'), cpu(times(0.8), 'higher'))).toBe('worse')
  expect(verdictOf(cpu(usual, 'higher'), cpu(times(1.2), 'higher'))).toBe('better')
})

test('a figure without a better direction only changes', () => {
  expect(verdictOf(cpu(usual), cpu(times(2)))).toBe('changed')
})

test('two repeats show less than five', () => {
  expect(verdictOf(cpu([98, 102], 'lower'), cpu([108, 112], 'lower'))).toBe('same')
  expect(verdictOf(cpu(usual, 'lower'), cpu(times(1.1), 'lower'))).toBe('worse')
})

test('the noise of the noisier run counts', () => {
  expect(verdictOf(cpu(usual, 'lower'), cpu([60, 90, 120, 140, 170], 'lower'))).toBe('same')
})

test('a single measurement beside repeats has their noise, and needs a larger difference', () => {
  const once = (value: number) => cpu([value], 'lower')
  expect(verdictOf(cpu(usual, 'lower'), once(105))).toBe('same')
  expect(verdictOf(once(100), cpu(times(1.05), 'lower'))).toBe('same')
  expect(verdictOf(cpu(usual, 'lower'), once(110))).toBe('worse')
})

test('equal repeats do not make a difference of less than 1 % one', () => {
  const equal = (value: number) => cpu(Array(5).fill(value), 'lower')
  expect(verdictOf(equal(1000), equal(1009))).toBe('same')
  expect(verdictOf(equal(1), equal(2))).toBe('worse')
})

test('what no longer happens is worse, whatever the noise', () => {
  const join = (value: number): Figure => ({ name: 'join', unit: 'ms', value, better: 'lower' })
  expect(verdictOf(join(400), join(Number.POSITIVE_INFINITY))).toBe('worse')
  expect(verdictOf(join(Number.POSITIVE_INFINITY), join(400))).toBe('better')
  expect(verdictOf(join(400), join(Number.NaN))).toBe('unknown')
})

test('a figure without repeats is worse only when it misses a maximum that held', () => {
  const stalls = (value: number): Figure => ({ name: 'stalls', unit: '', value, atMost: 1 })
  expect(verdictOf(stalls(0), stalls(2))).toBe('worse')
  expect(verdictOf(stalls(0), stalls(1))).toBe('unknown')
  expect(verdictOf(stalls(2), stalls(3))).toBe('unknown')
  expect(verdictOf({ ...stalls(0), noise: 1 }, stalls(1))).toBe('unknown')
})

test('a figure that may be higher is not worse than a higher one', () => {
  const knee = (value: number, isLowerBound: boolean): Figure => ({
    ...{ name: 'knee', unit: 'viewers', value, better: 'higher', noise: 10, isLowerBound },
  })
  expect(verdictOf(knee(60, false), knee(40, true))).toBe('unknown')
  expect(verdictOf(knee(60, true), knee(90, false))).toBe('unknown')
  expect(verdictOf(knee(60, true), knee(40, false))).toBe('worse')
  expect(verdictOf(knee(60, false), knee(90, true))).toBe('better')
})

test('figures of one run only are named', () => {
  const [gone, fresh] = compareFigures([{ ...cpu(usual), name: 'old' }], [{ ...cpu(usual), name: 'new' }])
  expect([gone?.verdict, fresh?.verdict]).toEqual(['gone', 'new'])
})

test('figures of the same name are repeats of one', () => {
  const round = (value: number): Figure => ({ name: 'age', unit: 'ms', value, better: 'lower' })
  const [compared] = compareFigures(usual.map(round), times(1.5).map(round))
  expect(compared).toMatchObject({ before: 100, after: 150, verdict: 'worse' })
})
