import { expect, test } from 'vitest'
import { addSketch, addValue, ageSketch, type Sketch, sketchQuantile } from './sketch.ts'

const sketchOf = (values: number[]) => {
  const sketch: Sketch = {}
  for (const value of values) addValue(sketch, value)
  return sketch
}
const upTo = (last: number, scale = 1) => Array.from({ length: last }, (_, n) => (n + 1) * scale)

test.each([1, 1000, 1e6])('quantiles are true to 2.5 %% (scale %d)', (scale) => {
  const sketch = sketchOf(upTo(1000, scale))
  for (const q of [0.05, 0.5, 0.95, 1]) {
    const exact = q * 1000 * scale
    expect(Math.abs((sketchQuantile(sketch, q) ?? 0) - exact) / exact).toBeLessThan(0.026)
  }
})

test('sketches of several edges add up to one of all', () => {
  const total = sketchOf(upTo(500))
  addSketch(total, JSON.parse(JSON.stringify(sketchOf(upTo(1000).slice(500)))))
  expect(total).toEqual(sketchOf(upTo(1000)))
})

test('old values lose weight and are forgotten in the end', () => {
  const sketch = sketchOf([100, 100, 100])
  ageSketch(sketch, 0.1)
  addValue(sketch, 5000)
  expect(sketchQuantile(sketch, 0.5)).toBeGreaterThan(4000)
  ageSketch(sketch, 0.1)
  expect(Object.keys(sketch)).toHaveLength(1)
  ageSketch(sketch, 0.1)
  expect(sketchQuantile(sketch, 0.5)).toBeUndefined()
})

test('values out of range count in the first or the last bucket', () => {
  const sketch = sketchOf([0, 0.5, 1, 1e300, Number.MAX_VALUE, Number.POSITIVE_INFINITY])
  expect(Object.keys(sketch)).toEqual(['0', '519'])
})
