import { expect, test } from 'vitest'
import { createLineLimit } from './line-limit.ts'

test('a run that complains about each frame writes ten lines every ten seconds', () => {
  const limit = createLineLimit()
  const admitted = (from: number) =>
    Array.from({ length: 500 }, (_, n) => limit.admit(from + n)).filter((each) => each !== 'no')
  expect(admitted(1000)).toHaveLength(10)
  expect(admitted(5000)).toHaveLength(0)
  const later = admitted(20_000)
  expect(later).toHaveLength(10)
  expect(later.indexOf('last')).toBe(9)
})
