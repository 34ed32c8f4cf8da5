import { expect, test } from 'vitest'
import type { Store } from '../../manager/store/store.ts'
import { sampleChannel } from '../kit/manager/sample-channel.ts'

/** Tests of the playback rules that every database must pass. `newStore` opens an empty store. */
export function playbackRuleStoreSuite(newStore: () => Promise<Store>) {
  test('lists signed channels and revoked tokens, with a version that changes with every change', async () => {
    const { channels, playbackRules } = await newStore()
    await channels.add(sampleChannel('open'))
    await channels.add(sampleChannel('paid', { playback: 'signed' }))
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

  test('revokes a limited number of tokens, each until it expires', async () => {
    const { playbackRules } = await newStore()
    const revoke = (id: string, now: number) => playbackRules.revoke(id, 'c_paid', 1000, now, 1)
    expect([await revoke('pt_1', 0), await revoke('pt_1', 0), await revoke('pt_2', 0)]).toEqual([
      true,
      true,
      false,
    ])
    expect(await revoke('pt_3', 1001), 'expired tokens no longer count').toBe(true)
  })

  test('a clock that is ahead for less than a day takes no revocation back', async () => {
    const { playbackRules } = await newStore()
    const [hour, day] = [3_600_000, 24 * 3_600_000]
    const revoke = (id: string, endsAt: number, now: number) =>
      playbackRules.revoke(id, 'c_paid', endsAt, now, 3)
    await revoke('pt_1', hour, 0)
    await revoke('pt_2', 9 * hour, 3 * hour)
    expect((await playbackRules.rules(3 * hour)).revoked).toHaveProperty('pt_1')
    expect((await playbackRules.rules(0)).revoked).toEqual({ pt_1: hour, pt_2: 9 * hour })
    await revoke('pt_3', 3 * day, 2 * day)
    expect((await playbackRules.rules(0)).revoked).toEqual({ pt_3: 3 * day })
  })

  test('never takes a revocation back', async () => {
    const { channels } = await newStore()
    await channels.add(sampleChannel('paid'))
    expect((await channels.revokeTokens('c_paid', 500))?.tokensRevokedUntil).toBe(500)
    expect((await channels.revokeTokens('c_paid', 400))?.tokensRevokedUntil).toBe(500)
    expect(await channels.revokeTokens('c_none', 400)).toBeUndefined()
    const changed = await channels.update('c_paid', { title: 'new' }, 9)
    expect([changed?.tokensRevokedUntil, changed?.playback]).toEqual([500, 'public'])
  })
}
