import { expect, test } from 'vitest'
import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import { createGrants } from './grants.ts'

const grant: ChannelGrant = { channelId: 'c_1', slug: 'demo', latency: 'low', takeover: false }

test('a key that was good before is good while redis is away, others are not', async () => {
  let lookUp = async (key: string): Promise<ChannelGrant | undefined> => (key === 'good' ? grant : undefined)
  const grants = createGrants({ lookUp: (key) => lookUp(key) })
  expect(await grants.lookUp('good')).toEqual(grant)
  expect(await grants.lookUp('bad')).toBe('unknown')
  lookUp = () => Promise.reject(new Error('away'))
  expect(await grants.lookUp('good')).toEqual(grant)
  expect(await grants.lookUp('bad')).toBe('away')
})

test('a rotated key is forgotten', async () => {
  let answer: Promise<ChannelGrant | undefined> = Promise.resolve(grant)
  const grants = createGrants({ lookUp: () => answer })
  await grants.lookUp('key')
  answer = Promise.resolve(undefined)
  expect(await grants.lookUp('key')).toBe('unknown')
  answer = Promise.reject(new Error('away'))
  expect(await grants.lookUp('key')).toBe('away')
})
