import { expect, test } from 'vitest'
import { createWaitList, type WaitEnd } from './wait-list.ts'

test('a list that is closed ends its waits as late, and each later one at once', () => {
  const waits = createWaitList({ holdMs: 60_000 })
  const ends: [string, WaitEnd][] = []
  const add = (name: string, state: 'ready' | 'gone' | 'pending') =>
    waits.add(
      () => state,
      (end) => void ends.push([name, end]),
    )
  add('first', 'pending')
  add('second', 'pending')()
  expect(ends).toEqual([])
  waits.close()
  add('later', 'pending')
  add('ready', 'ready')
  add('gone', 'gone')
  expect(ends).toEqual([
    ['first', 'late'],
    ['later', 'late'],
    ['ready', 'ready'],
    ['gone', 'gone'],
  ])
  expect(waits.size).toBe(0)
})
