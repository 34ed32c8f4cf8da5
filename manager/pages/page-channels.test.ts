import { afterEach, expect, test, vi } from 'vitest'
import { createPageChannels, type PageChannel } from './page-channels.ts'

afterEach(() => void vi.restoreAllMocks())

const channelOf = (slug: string, title: string): PageChannel => {
  return { id: `c_${slug}`, slug, title, latency: 'low', playback: 'public', tokensRevokedUntil: 0 }
}

/** Creates page channels over a store in memory. `asked` lists the slugs that were read from it. */
function createRecorded(titles: Record<string, string>) {
  let at = 0
  let fails = false
  const asked: string[] = []
  const load = async (slug: string): Promise<PageChannel | undefined> => {
    asked.push(slug)
    if (fails) throw new Error('store is away')
    const title = titles[slug]
    if (title === undefined) return undefined
    return channelOf(slug, title)
  }
  return {
    channels: createPageChannels(load, () => at),
    asked,
    titles,
    pass: (ms: number) => {
      at += ms
    },
    fail: () => {
      fails = true
    },
  }
}

test('asks the store once for simultaneous requests', async () => {
  const { channels, asked } = createRecorded({ show: 'One' })
  const found = await Promise.all(Array.from({ length: 1000 }, () => channels.get('show')))
  expect(new Set(found.map((channel) => channel?.title))).toEqual(new Set(['One']))
  expect(asked).toEqual(['show'])
})

test('remembers that a channel does not exist', async () => {
  const { channels, asked } = createRecorded({})
  expect(await channels.get('none')).toBeUndefined()
  expect(await channels.get('none')).toBeUndefined()
  expect(asked).toEqual(['none'])
})

test('shows changes after a while, or at once when the channel is forgotten', async () => {
  const { channels, titles, pass } = createRecorded({ show: 'One' })
  await channels.get('show')
  titles.show = 'Two'
  expect((await channels.get('show'))?.title).toBe('One')
  pass(3000)
  expect((await channels.get('show'))?.title).toBe('Two')
  titles.show = 'Three'
  channels.forget('show')
  expect((await channels.get('show'))?.title).toBe('Three')
})

test('returns the last known channel while the store fails, and rejects without one', async () => {
  const { channels, pass, fail } = createRecorded({ show: 'One' })
  await channels.get('show')
  fail()
  pass(3000)
  expect((await channels.get('show'))?.title).toBe('One')
  pass(3000)
  expect((await channels.get('show'))?.title).toBe('One')
  await expect(channels.get('other')).rejects.toThrow('store is away')
})

test('a wall clock that is set back keeps nothing longer', async () => {
  let monotonic = 0
  vi.spyOn(performance, 'now').mockImplementation(() => monotonic)
  const wall = vi.spyOn(Date, 'now').mockReturnValue(10_800_000)
  const titles = ['One', 'Two']
  const channels = createPageChannels(async (slug) => channelOf(slug, titles.shift() ?? ''))
  expect((await channels.get('show'))?.title).toBe('One')
  wall.mockReturnValue(0)
  monotonic = 3000
  expect((await channels.get('show'))?.title).toBe('Two')
})

test('forgets the oldest of very many', async () => {
  const { channels, asked } = createRecorded({})
  for (let number = 0; number <= 10_000; number += 1) await channels.get(`slug-${number}`)
  await channels.get('slug-10000')
  await channels.get('slug-0')
  expect(asked).toHaveLength(10_002)
})
