import { expect, test } from 'vitest'
import { Jitter, MediaZero } from './arrival.ts'

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

test('the packet with the least delay determines the date of media time 0; later ones change nothing', () => {
  const zero = new MediaZero()
  expect(zero.date).toBeUndefined()
  zero.add(5000, 1080)
  zero.add(5033, 1050)
  zero.add(5066, 1120)
  zero.add(9000, 4000)
  expect(zero.date).toBe(Math.round(performance.timeOrigin + 1050 - 5033))
})
