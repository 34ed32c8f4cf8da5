import { beforeEach, expect, test, vi } from 'vitest'
import { createDeadlines } from './deadlines.ts'

beforeEach(() => void vi.useFakeTimers())

/** Creates deadlines that record the times at which they pass, ms from now. */
function recorded() {
  const startedAt = performance.now()
  const passed: [name: string, ms: number][] = []
  const deadlines = createDeadlines()
  return {
    passed,
    ...deadlines,
    due(name: string, ms: number) {
      const onPassed = () => void passed.push([name, performance.now() - startedAt])
      const deadline = { at: startedAt + ms, onPassed }
      deadlines.add(deadline)
      return deadline
    },
  }
}

test('each deadline passes at its time, in any order', () => {
  const { due, passed } = recorded()
  due('second', 2000)
  due('third', 10_000)
  due('first', 1600)
  due('with second', 2000)
  vi.advanceTimersByTime(1599)
  expect(passed).toEqual([])
  vi.advanceTimersByTime(20_000)
  expect(passed).toEqual([
    ['first', 1600],
    ['second', 2000],
    ['with second', 2000],
    ['third', 10_000],
  ])
})

test('a removed deadline does not pass, and the others do', () => {
  const { due, remove, passed } = recorded()
  const first = due('first', 1000)
  due('second', 3000)
  vi.advanceTimersByTime(500)
  expect(remove(first)).toBe(true)
  expect(remove(first)).toBe(false)
  due('third', 4000)
  vi.advanceTimersByTime(10_000)
  expect(passed).toEqual([
    ['second', 3000],
    ['third', 4000],
  ])
})

test('a deadline that is added or removed by another one counts', () => {
  const { due, remove, add, passed } = recorded()
  const other = due('other', 1001)
  const again = { at: performance.now() + 1500, onPassed: () => void passed.push(['again', 0]) }
  add({
    at: performance.now() + 1000,
    onPassed() {
      remove(other)
      add(again)
    },
  })
  vi.advanceTimersByTime(2000)
  expect(passed).toEqual([['again', 0]])
})

test('after the end nothing passes and no timer is left', () => {
  const { due, close, passed } = recorded()
  due('one', 1000)
  close()
  expect(vi.getTimerCount()).toBe(0)
  vi.advanceTimersByTime(2000)
  expect(passed).toEqual([])
})
