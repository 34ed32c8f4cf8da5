import { expect, test } from 'vitest'
import { hashStreamKey } from '../../core/contracts/ids.ts'
import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import { createGrants } from './grants.ts'

const grant: ChannelGrant = { channelId: 'c_1', slug: 'demo', latency: 'low', takeover: false }

test('a key that was valid before is valid while redis is away, others are not', async () => {
  const goodHash = hashStreamKey('good')
  let find = async (hash: string): Promise<ChannelGrant | undefined> =>
    hash === goodHash ? grant : undefined
  const grants = createGrants({ findCurrent: async (hash) => ({ grant: await find(hash), isCurrent: true }) })
  expect(await grants.lookUp('good')).toEqual(grant)
  expect(await grants.lookUp('bad')).toBe('unknown')
  find = () => Promise.reject(new Error('away'))
  expect(await grants.lookUp('good')).toEqual(grant)
  expect(await grants.lookUp('bad')).toBe('away')
})

test('a rotated key is forgotten', async () => {
  let found: Promise<ChannelGrant | undefined> = Promise.resolve(grant)
  const grants = createGrants({ findCurrent: async () => ({ grant: await found, isCurrent: true }) })
  await grants.lookUp('key')
  found = Promise.resolve(undefined)
  expect(await grants.lookUp('key')).toBe('unknown')
  found = Promise.reject(new Error('away'))
  expect(await grants.lookUp('key')).toBe('away')
})

test('grants of a Redis that restarted count when a manager wrote them again, or has not for some time', async () => {
  let reads = 0
  const grants = createGrants(
    {
      async findCurrent() {
        reads += 1
        return reads === 1 ? { grant, isCurrent: false } : { grant: undefined, isCurrent: true }
      },
    },
    { pollMs: 1 },
  )
  expect(await grants.lookUp('replaced')).toBe('unknown')
  const alone = createGrants({ findCurrent: async () => ({ grant, isCurrent: false }) }, { waitMs: 0 })
  expect(await alone.lookUp('key')).toEqual(grant)
})
