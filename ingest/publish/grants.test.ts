import { expect, test } from 'vitest'
import { hashStreamKey } from '../../core/contracts/ids.ts'
import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import { createGrants } from './grants.ts'

const grant: ChannelGrant = { channelId: 'c_1', slug: 'demo', latency: 'low', takeover: false }

test('a key that was valid before is valid while redis is away, others are not', async () => {
  const goodHash = hashStreamKey('good')
  let find = async (hash: string): Promise<ChannelGrant | undefined> =>
    hash === goodHash ? grant : undefined
  const grants = createGrants({ find: (hash) => find(hash) })
  expect(await grants.lookUp('good')).toEqual(grant)
  expect(await grants.lookUp('bad')).toBe('unknown')
  find = () => Promise.reject(new Error('away'))
  expect(await grants.lookUp('good')).toEqual(grant)
  expect(await grants.lookUp('bad')).toBe('away')
})

test('a rotated key is forgotten', async () => {
  let found: Promise<ChannelGrant | undefined> = Promise.resolve(grant)
  const grants = createGrants({ find: () => found })
  await grants.lookUp('key')
  found = Promise.resolve(undefined)
  expect(await grants.lookUp('key')).toBe('unknown')
  found = Promise.reject(new Error('away'))
  expect(await grants.lookUp('key')).toBe('away')
})
