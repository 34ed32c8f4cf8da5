import { expect, test } from 'vitest'
import type { Store } from '../../manager/store/store.ts'
import { sampleChannel } from '../kit/manager/sample-channel.ts'

/** Tests of the channel store that every database must pass. `newStore` opens an empty store. */
export function channelStoreSuite(newStore: () => Promise<Store>) {
  test('stores channels unchanged, and each slug once', async () => {
    const { channels } = await newStore()
    const added = sampleChannel('show', { title: "Größe “9¾” 🎥 '; drop table channels; --", takeover: true })
    expect(await channels.add(added)).toBe(true)
    expect(await channels.add({ ...sampleChannel('show'), id: 'c_other', keyHash: 'other' })).toBe(false)
    expect(await channels.bySlug('show')).toEqual(added)
    expect(await channels.byId('c_show')).toEqual(added)
    expect(await channels.bySlug('other')).toBeUndefined()
    expect(await channels.byId('c_other')).toBeUndefined()
  })

  test('changes only the given fields', async () => {
    const { channels } = await newStore()
    await channels.add(sampleChannel('show'))
    const now = sampleChannel('show').updatedAt + 99
    const changes = { takeover: true, latency: 'ultra', priority: 7 } as const
    const changed = { ...sampleChannel('show'), ...changes, updatedAt: now }
    expect(await channels.update('c_show', changes, now)).toEqual(changed)
    expect(await channels.bySlug('show')).toEqual(changed)
    expect(await channels.update('c_none', { takeover: true }, 99)).toBeUndefined()
  })

  test('replaces a key only if its previous hash is given', async () => {
    const { channels } = await newStore()
    await channels.add(sampleChannel('show'))
    const key = { keyHash: 'hash-2', keySealed: 'sealed-2' }
    const both = await Promise.all([
      channels.replaceKey('c_show', 'hash-of-show', key, 5),
      channels.replaceKey('c_show', 'hash-of-show', { keyHash: 'hash-3', keySealed: 'sealed-3' }, 5),
    ])
    expect(both.filter((replaced) => replaced !== undefined)).toHaveLength(1)
    expect(await channels.replaceKey('c_show', 'hash-of-show', key, 6)).toBeUndefined()
  })

  test('lists the grants of enabled channels, with a version that changes with every change', async () => {
    const { channels } = await newStore()
    const versions = [await channels.grantsVersion()]
    await channels.add(sampleChannel('one'))
    versions.push(await channels.grantsVersion())
    await channels.add(sampleChannel('two', { takeover: true }))
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

  test('pages through channels, each once', async () => {
    const { channels } = await newStore()
    const slugs = ['a', 'b1', 'b2', 'c', 'd0', 'e']
    for (const slug of slugs.toReversed()) await channels.add(sampleChannel(slug))
    const seen: string[] = []
    for (;;) {
      const page = await channels.page(2, seen.at(-1))
      if (page.length === 0) break
      seen.push(...page.map(({ slug }) => slug))
    }
    expect(seen).toEqual(slugs)
  })
}

/** Tests of the versions of channels that every database must pass. `newStore` opens an empty store. */
export function channelVersionSuite(newStore: () => Promise<Store>) {
  test('a change raises the version, even if the clock is behind, and needs the version that it expects', async () => {
    const { channels } = await newStore()
    const { updatedAt } = sampleChannel('show')
    await channels.add(sampleChannel('show'))
    const update = (now: number, expected?: number[]) =>
      channels.update('c_show', { title: `${now}` }, now, expected)
    expect((await update(updatedAt))?.updatedAt).toBe(updatedAt + 1)
    expect((await update(5, [updatedAt + 1]))?.updatedAt).toBe(updatedAt + 2)
    for (const stale of [[], [updatedAt], [updatedAt + 1, updatedAt + 3]])
      expect(await update(6, stale)).toBeUndefined()
    const race = await Promise.all([1, 2, 3, 4].map((now) => update(now, [updatedAt + 2])))
    expect(race.filter((changed) => changed !== undefined)).toHaveLength(1)
    expect(await channels.remove('c_show', [updatedAt + 2])).toBe(false)
    expect(await channels.remove('c_show', [7, updatedAt + 3])).toBe(true)
  })
}
