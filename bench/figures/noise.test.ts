import { expect, test } from 'vitest'
import { createRandom } from '../../test/kit/random.ts'
import { noiseOf, noiseOfSingle } from './noise.ts'
import { median } from './statistics.ts'
import { repeated } from './table.ts'

const random = createRandom(3)
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
const samples = (count: number) => Array.from({ length: count }, () => 100 + normal())
const trials = 4000

test.each([2, 3, 4, 5, 7, 10])(
  'of unchanged figures with %i repeats, about 1 %% differ beyond noise',
  (n) => {
    let differ = 0
    for (let trial = 0; trial < trials; trial++) {
      const [one, other] = [repeated('', '', samples(n)), repeated('', '', samples(n))]
      if (Math.abs(one.value - other.value) > Math.max(noiseOf(one), noiseOf(other))) differ++
    }
    expect(differ / trials).toBeGreaterThan(0.004)
    expect(differ / trials).toBeLessThan(0.018)
  },
)

test('single figures have more noise than medians, in proportion to their size', () => {
  const repeats = [95, 98, 100, 101, 105]
  const single = noiseOfSingle(1000, repeats)
  expect(single).toBeGreaterThan(10 * noiseOf(repeated('', '', repeats)))
  expect(noiseOfSingle(2000, repeats)).toBeCloseTo(2 * single)
})

test('figures without repeats have the noise that they declare, or none that is known', () => {
  const once = { name: '', unit: '', value: 4 }
  expect(noiseOf(once)).toBeNaN()
  expect(noiseOf({ ...once, noise: 2 })).toBe(2)
  expect(noiseOf({ ...once, repeats: [4] })).toBeNaN()
  expect(noiseOfSingle(4, [4])).toBeNaN()
  expect(noiseOfSingle(4, [0, 0])).toBe(0)
  expect(median([4])).toBe(4)
})
