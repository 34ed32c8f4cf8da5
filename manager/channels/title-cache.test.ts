import { expect, it } from 'vitest'
import { createTitleCache, type PageChannel } from './title-cache.ts'

/** A cache over a store that counts how often it is asked. */
function counted(titles: Record<string, string>) {
  let at = 0
  let fails = false
  const asked: string[] = []
  const load = async (slug: string): Promise<PageChannel | undefined> => {
    asked.push(slug)
    if (fails) throw new Error('store is away')
    const title = titles[slug]
    if (title === undefined) return undefined
    return { id: `c_${slug}`, slug, title, latency: 'low', playback: 'public', tokensRevokedUntil: 0 }
  }
  return {
    cache: createTitleCache(load, () => at),
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

it('asks the store once, however many come together', async () => {
  const { cache, asked } = counted({ show: 'One' })
  const answers = await Promise.all(Array.from({ length: 1000 }, () => cache.get('show')))
  expect(new Set(answers.map((answer) => answer?.title))).toEqual(new Set(['One']))
  expect(asked).toEqual(['show'])
})

it('remembers what is not there, too', async () => {
  const { cache, asked } = counted({})
  expect(await cache.get('none')).toBeUndefined()
  expect(await cache.get('none')).toBeUndefined()
  expect(asked).toEqual(['none'])
})

it('shows changes after a while, or at once when told to forget', async () => {
  const { cache, titles, pass } = counted({ show: 'One' })
  await cache.get('show')
  titles.show = 'Two'
  expect((await cache.get('show'))?.title).toBe('One')
  pass(3000)
  expect((await cache.get('show'))?.title).toBe('Two')
  titles.show = 'Three'
  cache.forget('show')
  expect((await cache.get('show'))?.title).toBe('Three')
})

it('serves what it knows while the store fails, and only what it knows', async () => {
  const { cache, pass, fail } = counted({ show: 'One' })
  await cache.get('show')
  fail()
  pass(3000)
  expect((await cache.get('show'))?.title).toBe('One')
  pass(3000)
  expect((await cache.get('show'))?.title).toBe('One')
  await expect(cache.get('other')).rejects.toThrow('store is away')
})

it('forgets the oldest of very many', async () => {
  const { cache, asked } = counted({})
  for (let number = 0; number <= 10_000; number += 1) await cache.get(`slug-${number}`)
  await cache.get('slug-10000')
  await cache.get('slug-0')
  expect(asked).toHaveLength(10_002)
})
