import { expect, test } from 'vitest'
import { isGeneratorFull, voidReason } from './result.ts'

const calm = { cpu: 0.4, peakCpu: 0.6, lagP99Ms: 20, lagMaxMs: 30 }

test('a generator is full by its busiest second or on the whole', () => {
  expect(isGeneratorFull(calm)).toBe(false)
  expect(isGeneratorFull({ cpu: 0.4, peakCpu: 0.96 })).toBe(true)
  expect(isGeneratorFull({ cpu: 0.91, peakCpu: 0.94 })).toBe(true)
})

test('a run is void when arrivals miss the plan, and when others held the generator', () => {
  const reason = (off: number, changes: Partial<typeof calm> = {}, stolen = 0) =>
    voidReason(off, { generator: { ...calm, ...changes }, stolen })
  expect(reason(0.01)).toBe(undefined)
  expect(reason(0.03)).toMatch(/3\.0 % of the crowd/)
  expect(reason(0.01, { lagP99Ms: 300 })).toMatch(/held the generator for 300 ms/)
  expect(reason(0.01, { peakCpu: 1, lagP99Ms: 300 })).toBe(undefined)
  expect(reason(0.01, {}, 0.02)).toMatch(/the host took 2\.0 %/)
})
