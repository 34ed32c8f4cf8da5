import { expect, test, vi } from 'vitest'
import { FlushPace } from './flush-pace.ts'

function paceOf(sessions: number) {
  const pace = new FlushPace()
  const all = Array.from({ length: sessions }, () => ({}))
  for (const session of all) pace.setActive(session, true)
  return { pace, all }
}

test('with few sessions writes are immediate', () => {
  const { pace } = paceOf(4)
  const write = vi.fn()
  pace.request(write)
  expect(write).toHaveBeenCalledTimes(1)
})

test('with many sessions each is written once for all its requests, after a moment', async () => {
  const { pace } = paceOf(5)
  const { promise, resolve } = Promise.withResolvers<void>()
  const [one, other] = [vi.fn(), vi.fn(resolve)]
  for (const write of [one, one, other]) pace.request(write)
  expect(one).not.toHaveBeenCalled()
  await promise
  expect([one, other].map(({ mock }) => mock.calls.length)).toEqual([1, 1])
})

test('writes are immediate again when sessions have ended', () => {
  const { pace, all } = paceOf(5)
  for (const session of all.slice(1)) pace.setActive(session, false)
  const write = vi.fn()
  pace.request(write)
  expect(write).toHaveBeenCalledTimes(1)
})
