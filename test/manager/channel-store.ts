import { expect, it } from 'vitest'
import type { Channel } from '../../manager/store/channels.ts'
import type { Store } from '../../manager/store/store.ts'

/** What channels must do alike in every database. `newStore` gives an empty one. */
export function channelStoreSuite(newStore: () => Promise<Store>) {
  it('keeps channels as they are, and each slug once', async () => {
    const { channels } = await newStore()
    const made = channel('show', { title: "Größe “9¾” 🎥 '; drop table channels; --", takeover: true })
    expect(await channels.add(made)).toBe(true)
    expect(await channels.add({ ...channel('show'), id: 'c_other', keyHash: 'other' })).toBe(false)
    expect(await channels.bySlug('show')).toEqual(made)
    expect(await channels.byId('c_show')).toEqual(made)
    expect(await channels.bySlug('other')).toBeUndefined()
    expect(await channels.byId('c_other')).toBeUndefined()
  })

  it('changes only what it is told', async () => {
    const { channels } = await newStore()
    await channels.add(channel('show'))
    const changed = { ...channel('show'), takeover: true, latency: 'ultra', updatedAt: 99 }
    expect(await channels.update('c_show', { takeover: true, latency: 'ultra' }, 99)).toEqual(changed)
    expect(await channels.bySlug('show')).toEqual(changed)
    expect(await channels.update('c_none', { takeover: true }, 99)).toBeUndefined()
  })

  it('replaces a key only for whoever knew the one before', async () => {
    const { channels } = await newStore()
    await channels.add(channel('show'))
    const key = { keyHash: 'hash-2', keySealed: 'sealed-2' }
    const both = await Promise.all([
      channels.replaceKey('c_show', 'hash-of-show', key, 5),
      channels.replaceKey('c_show', 'hash-of-show', { keyHash: 'hash-3', keySealed: 'sealed-3' }, 5),
    ])
    expect(both.filter((replaced) => replaced !== undefined)).toHaveLength(1)
    expect(await channels.replaceKey('c_show', 'hash-of-show', key, 6)).toBeUndefined()
  })

  it('grants what enabled channels grant, under a version that every change renews', async () => {
    const { channels } = await newStore()
    const versions = [await channels.grantsVersion()]
    await channels.add(channel('one'))
    versions.push(await channels.grantsVersion())
    await channels.add(channel('two', { takeover: true }))
    versions.push(await channels.grantsVersion())
    await channels.update('c_one', { enabled: false }, 2)
    versions.push(await channels.grantsVersion())
    expect(new Set(versions).size).toBe(4)
    const two = { channelId: 'c_two', slug: 'two', latency: 'low', takeover: true }
    expect([...(await channels.grants())]).toEqual([['hash-of-two', two]])
    expect(await channels.withdrawn(['c_one', 'c_two', 'c_gone'])).toEqual(new Set(['c_one', 'c_gone']))
    expect(await channels.withdrawn([])).toEqual(new Set())
    expect(await channels.remove('c_two')).toBe(true)
    expect(await channels.remove('c_two')).toBe(false)
    expect(await channels.grants()).toEqual(new Map())
  })

  it('pages through channels, each once', async () => {
    const { channels } = await newStore()
    const slugs = ['a', 'b1', 'b2', 'c', 'd0', 'e']
    for (const slug of slugs.toReversed()) await channels.add(channel(slug))
    const seen: string[] = []
    for (;;) {
      const page = await channels.page(2, seen.at(-1))
      if (page.length === 0) break
      seen.push(...page.map(({ slug }) => slug))
    }
    expect(seen).toEqual(slugs)
  })
}

/** A channel of which everything follows from its slug. */
export function channel(slug: string, traits: Partial<Channel> = {}): Channel {
  return {
    id: `c_${slug}`,
    slug,
    title: slug,
    latency: 'low',
    takeover: false,
    enabled: true,
    playback: 'public',
    tokensRevokedUntil: 0,
    keyHash: `hash-of-${slug}`,
    keySealed: `sealed-${slug}`,
    createdAt: 1_777_000_000_000,
    updatedAt: 1_777_000_000_001,
    ...traits,
  }
}
