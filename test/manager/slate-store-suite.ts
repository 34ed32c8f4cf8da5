import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { SlateFile } from '../../manager/store/slates.ts'
import type { Store } from '../../manager/store/store.ts'
import { sampleChannel } from '../kit/manager/sample-channel.ts'

function slateFile(text: string): SlateFile {
  const content = Buffer.from(text)
  const sha256 = createHash('sha256').update(content).digest('hex')
  return { sha256, mediaType: 'image/png', bytes: content.length, content }
}

/** Tests of the store of slates that every database must pass. `newStore` opens an empty store. */
export function slateStoreSuite(newStore: () => Promise<Store>) {
  test('keeps the file of a slate, and names it in the grant of its channel', async () => {
    const { channels, slates } = await newStore()
    await channels.add(sampleChannel('show'))
    const version = await channels.grantsVersion()
    const file = slateFile('\0\xff picture')
    const { content: _, ...slate } = file
    const { updatedAt } = sampleChannel('show')
    const changed = { ...sampleChannel('show'), slate, updatedAt: updatedAt + 5 }
    expect(await slates.put('c_show', file, updatedAt + 5)).toEqual(changed)
    expect(await channels.grantsVersion()).not.toBe(version)
    expect(await channels.bySlug('show')).toEqual(changed)
    expect(await channels.page(9, undefined)).toEqual([changed])
    expect(await slates.ofChannel('c_show')).toEqual(file)
    expect(await slates.bySha256(slate.sha256)).toEqual(file)
    expect((await channels.grants()).get('hash-of-show')).toMatchObject({ slate: slate.sha256 })
    expect(await channels.update('c_show', { title: 'Show' }, 6)).toMatchObject({ title: 'Show', slate })
    expect(await slates.remove('c_show', updatedAt + 7, ['other'])).toBeUndefined()
    expect(await slates.remove('c_show', updatedAt + 7, [slate.sha256])).toEqual({
      ...sampleChannel('show'),
      title: 'Show',
      updatedAt: updatedAt + 7,
    })
    expect(await slates.ofChannel('c_show')).toBeUndefined()
    expect((await channels.grants()).get('hash-of-show')).not.toHaveProperty('slate')
  })

  test('deletes a file with the last channel that refers to it', async () => {
    const { channels, slates } = await newStore()
    for (const slug of ['one', 'two', 'three']) await channels.add(sampleChannel(slug))
    const [shared, other] = [slateFile('shared'), slateFile('other')]
    for (const slug of ['one', 'two', 'three']) await slates.put(`c_${slug}`, shared, 2)
    await slates.put('c_one', other, 3)
    await slates.remove('c_two', 3)
    expect(await slates.bySha256(shared.sha256)).toEqual(shared)
    await channels.remove('c_three')
    expect(await slates.bySha256(shared.sha256)).toBeUndefined()
    expect(await slates.bySha256(other.sha256)).toEqual(other)
    await slates.put('c_one', shared, 4)
    expect(await slates.bySha256(other.sha256)).toBeUndefined()
  })

  test('keeps no file for a channel that is gone', async () => {
    const { slates } = await newStore()
    const file = slateFile('late')
    expect(await slates.put('c_none', file, 2)).toBeUndefined()
    expect(await slates.bySha256(file.sha256)).toBeUndefined()
    expect(await slates.remove('c_none', 2)).toBeUndefined()
  })

  test('a file that one channel leaves while others take it is kept', async () => {
    const { channels, slates } = await newStore()
    const slugs = ['a', 'b', 'c', 'd']
    for (const slug of slugs) await channels.add(sampleChannel(slug))
    const file = slateFile('busy')
    for (let round = 0; round < 5; round += 1) {
      await slates.put('c_a', file, 2)
      await Promise.all([
        slates.remove('c_a', 3),
        ...slugs.slice(1).map((slug) => slates.put(`c_${slug}`, file, 3)),
      ])
      for (const slug of slugs.slice(1)) expect(await slates.ofChannel(`c_${slug}`)).toEqual(file)
      for (const slug of slugs.slice(1)) await slates.remove(`c_${slug}`, 4)
      expect(await slates.bySha256(file.sha256)).toBeUndefined()
    }
  })
}
