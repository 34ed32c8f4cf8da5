import { expect, test } from 'vitest'
import { shareReads } from './share-reads.ts'

test('calls of one turn share a read that sees what was written before it', async () => {
  const values = new Map([['a', 1]])
  const read: string[] = []
  const shared = shareReads(async (key: string) => {
    read.push(key)
    return values.get(key)
  })
  const calls = [shared('a'), shared('a'), shared('b')]
  values.set('a', 2)
  expect(await Promise.all([...calls, shared('a')])).toEqual([2, 2, undefined, 2])
  expect(read).toEqual(['a', 'b'])
  values.set('a', 3)
  expect(await shared('a')).toBe(3)
})

test('a read that fails rejects its calls, and the next one reads again', async () => {
  let reads = 0
  const shared = shareReads(async () => {
    reads += 1
    if (reads === 1) throw new Error('away')
    return reads
  })
  const calls = await Promise.allSettled([shared('a'), shared('a')])
  expect(calls.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await shared('a')).toBe(2)
})
