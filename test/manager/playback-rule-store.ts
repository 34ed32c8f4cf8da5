import { expect, it } from 'vitest'
import type { Store } from '../../manager/store/store.ts'
import { channel } from './channel-store.ts'

/** What playback rules must do alike in every database. `newStore` gives an empty one. */
export function playbackRuleStoreSuite(newStore: () => Promise<Store>) {
  it('knows signed channels and what is revoked, under a version that every change renews', async () => {
    const { channels, playbackRules } = await newStore()
    await channels.add(channel('open'))
    await channels.add(channel('paid', { playback: 'signed' }))
    const signed = { paid: { channelId: 'c_paid', revokedUntil: 0 } }
    expect(await playbackRules.rules(0)).toEqual({ signed, revoked: {} })
    const versions = [await playbackRules.version()]
    expect(await playbackRules.revoke('pt_1', 'c_paid', 1000, 0, 2)).toBe(true)
    versions.push(await playbackRules.version())
    await channels.revokeTokens('c_paid', 1_777_000_000_500)
    versions.push(await playbackRules.version())
    await channels.update('c_open', { playback: 'signed' }, 5)
    versions.push(await playbackRules.version())
    await channels.remove('c_open')
    versions.push(await playbackRules.version())
    expect(new Set(versions).size).toBe(5)
    expect(await playbackRules.rules(0)).toEqual({
      signed: { paid: { channelId: 'c_paid', revokedUntil: 1_777_000_000_500 } },
      revoked: { pt_1: 1000 },
    })
  })

  it('revokes a token until it ends by itself, and only so many', async () => {
    const { playbackRules } = await newStore()
    const revoke = (id: string, now: number) => playbackRules.revoke(id, 'c_paid', 1000, now, 1)
    expect([await revoke('pt_1', 0), await revoke('pt_1', 0), await revoke('pt_2', 0)]).toEqual([
      true,
      true,
      false,
    ])
    expect(await playbackRules.rules(1001)).toEqual({ signed: {}, revoked: {} })
    expect(await revoke('pt_3', 1001), 'those that ended make room').toBe(true)
  })

  it('never takes a revocation back', async () => {
    const { channels } = await newStore()
    await channels.add(channel('paid'))
    expect((await channels.revokeTokens('c_paid', 500))?.tokensRevokedUntil).toBe(500)
    expect((await channels.revokeTokens('c_paid', 400))?.tokensRevokedUntil).toBe(500)
    expect(await channels.revokeTokens('c_none', 400)).toBeUndefined()
    const changed = await channels.update('c_paid', { title: 'new' }, 9)
    expect([changed?.tokensRevokedUntil, changed?.playback]).toEqual([500, 'public'])
  })
}
