import { expect, test } from 'vitest'
import { type ChannelClaim, winsOver } from '../../core/contracts/channel-claims.ts'
import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import { createClaims } from './claims.ts'

const grant = (takeover = false): ChannelGrant => ({
  channelId: 'c_1',
  slug: 'demo',
  latency: 'low',
  takeover,
})

/** Creates a registry in memory. While `away` is true, claims and releases fail, as they do without Redis. */
function fakeRegistry() {
  const claims = new Map<string, ChannelClaim>()
  let order = 0
  const registry = {
    away: false,
    claims,
    async claimChannel(channelId: string, sessionId: string, takeover: boolean) {
      if (registry.away) throw new Error('away')
      const held = claims.get(channelId)
      if (held !== undefined && !takeover) return held
      order += 1
      const claim = { sessionId, order, takeover }
      claims.set(channelId, claim)
      return claim
    },
    async holdChannel(channelId: string, claim: ChannelClaim) {
      const held = claims.get(channelId)
      if (held !== undefined && held.sessionId !== claim.sessionId && winsOver(held, claim)) return false
      claims.set(channelId, claim)
      return true
    },
    async releaseChannel(channelId: string, sessionId: string) {
      if (registry.away) throw new Error('away')
      if (claims.get(channelId)?.sessionId === sessionId) claims.delete(channelId)
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
  expect(registry.claims.get('c_1')?.sessionId).toBe('b')
})

test('a claim that came in while an older one had lapsed ends at once, unless it is a takeover', async () => {
  const registry = fakeRegistry()
  const [here, there] = [createClaims(registry), createClaims(registry)]
  await here.acquire(grant(), 'a')
  registry.claims.clear()
  expect(await there.acquire(grant(), 'b')).toBe(true)
  expect(await here.hold('c_1', 'a')).toBe(true)
  expect(await there.hold('c_1', 'b')).toBe(false)
  registry.claims.clear()
  expect(await there.acquire({ ...grant(true), channelId: 'c_1' }, 'c')).toBe(true)
  expect(await here.hold('c_1', 'a')).toBe(false)
  expect(await there.hold('c_1', 'c')).toBe(true)
})

test('of two sessions that were accepted while redis was away one keeps the channel', async () => {
  const registry = fakeRegistry()
  const [here, there] = [createClaims(registry), createClaims(registry)]
  registry.away = true
  await here.acquire(grant(), 'a')
  await there.acquire(grant(), 'b')
  expect(here.claimOf('a')).toBeUndefined()
  registry.away = false
  expect(await there.hold('c_1', 'b')).toBe(true)
  expect(await here.hold('c_1', 'a')).toBe(false)
  expect(await there.hold('c_1', 'b')).toBe(true)
})

test('a session that ends while it renews its claim does not claim the channel again', async () => {
  const registry = fakeRegistry()
  const claims = createClaims(registry)
  await claims.acquire(grant(true), 'a')
  await Promise.all([claims.hold('c_1', 'a'), claims.release('c_1', 'a')])
  expect([...registry.claims]).toEqual([])
})
