import { expect, test } from 'vitest'
import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import { createClaims } from './claims.ts'

const grant = (takeover = false): ChannelGrant => ({
  channelId: 'c_1',
  slug: 'demo',
  latency: 'low',
  takeover,
})

/** Creates a registry in memory. While `away` is true its calls fail, as they do without Redis. */
function fakeRegistry() {
  const claims = new Map<string, string>()
  const registry = {
    away: false,
    claims,
    async claimChannel(channelId: string, sessionId: string, takeover: boolean) {
      if (registry.away) throw new Error('away')
      if (takeover || !claims.has(channelId)) claims.set(channelId, sessionId)
      return claims.get(channelId) ?? ''
    },
    async holdChannel(channelId: string, sessionId: string) {
      return (await registry.claimChannel(channelId, sessionId, false)) === sessionId
    },
    async releaseChannel(channelId: string, sessionId: string) {
      if (registry.away) throw new Error('away')
      if (claims.get(channelId) === sessionId) claims.delete(channelId)
    },
  }
  return registry
}

test('one of two simultaneous publishers gets the channel, also at two ingests', async () => {
  const registry = fakeRegistry()
  const [here, there] = [createClaims(registry), createClaims(registry)]
  const taken = await Promise.all([
    here.acquire(grant(), 'a'),
    here.acquire(grant(), 'b'),
    there.acquire(grant(), 'c'),
  ])
  expect(taken).toEqual([true, false, false])
  await here.release('c_1', 'a')
  expect(await there.acquire(grant(), 'd')).toBe(true)
})

test('a takeover wins, and the previous holder notices it', async () => {
  const registry = fakeRegistry()
  const [here, there] = [createClaims(registry), createClaims(registry)]
  await here.acquire(grant(true), 'a')
  expect(await there.acquire(grant(true), 'b')).toBe(true)
  expect(await here.hold('c_1', 'a')).toBe(false)
  await here.release('c_1', 'a')
  expect(await there.hold('c_1', 'b')).toBe(true)
})

test('while redis is away this process decides on its own', async () => {
  const registry = fakeRegistry()
  const claims = createClaims(registry)
  registry.away = true
  const taken = await Promise.all([claims.acquire(grant(), 'a'), claims.acquire(grant(), 'b')])
  expect(taken).toEqual([true, false])
})

test('a claim that could not be released does not block the channel later', async () => {
  const registry = fakeRegistry()
  const claims = createClaims(registry)
  await claims.acquire(grant(), 'a')
  registry.away = true
  await claims.release('c_1', 'a')
  expect(await claims.acquire(grant(), 'b')).toBe(true)
  registry.away = false
  expect(await claims.hold('c_1', 'b')).toBe(true)
  expect(registry.claims.get('c_1')).toBe('b')
})
