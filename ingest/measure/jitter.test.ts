import { expect, test } from 'vitest'
import { Jitter } from './jitter.ts'

test('jitter is zero for even packets and grows with uneven ones', () => {
  const even = new Jitter()
  const uneven = new Jitter()
  for (let i = 0; i < 200; i++) {
    even.add(i * 33, i * 33 + 500)
    uneven.add(i * 33, i * 33 + (i % 2) * 20)
  }
  expect(even.meanMs).toBe(0)
  expect(uneven.meanMs).toBeGreaterThan(15)
})
