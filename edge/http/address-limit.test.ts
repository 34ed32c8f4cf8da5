import { expect, test } from 'vitest'
import { createAddressLimit } from './address-limit.ts'

test('one address cannot take more than its places, others are not its concern', () => {
  const limit = createAddressLimit(2)
  expect(['a', 'a', 'a', 'b'].map((address) => limit.enter(address))).toEqual([true, true, false, true])
  limit.leave('a')
  expect(limit.enter('a')).toBe(true)
  for (const address of ['a', 'a', 'b']) limit.leave(address)
  expect(limit.addresses).toBe(0)
})

test('0 is no limit', () => {
  const limit = createAddressLimit(0)
  expect(Array.from({ length: 100 }, () => limit.enter('a'))).not.toContain(false)
})
