import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { testObject } from '../../test/kit/edge/media-object.ts'
import { createBodyMemory, lend } from './body-memory.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const segment = (length = 20_000) =>
  testObject({ class: 'segment', body: Buffer.allocUnsafeSlow(length).fill('m') })
const isThere = ({ plain, length }: ReturnType<typeof segment>) => plain.body.length === length

test('evicted media is freed at once when no response sends it', () => {
  const memory = createBodyMemory()
  const object = segment()
  memory.retire(object)
  expect(isThere(object), 'a response that just got it may still begin').toBe(true)
  vi.runAllTimers()
  expect(isThere(object)).toBe(false)
  expect(memory.waiting).toBe(0)
})

test('media stays until its last response is sent, also those that began after it was evicted', () => {
  const memory = createBodyMemory()
  const object = segment()
  const first = lend(object)
  memory.retire(object)
  const second = lend(object)
  vi.advanceTimersByTime(1000)
  first?.()
  vi.advanceTimersByTime(1000)
  expect([isThere(object), memory.waiting]).toEqual([true, 1])
  second?.()
  vi.advanceTimersByTime(1000)
  expect([isThere(object), memory.waiting]).toEqual([false, 0])
})

test('playlists and small media are not freed: they have other representations or share their memory', () => {
  const memory = createBodyMemory()
  const objects = [segment(1000), testObject({ body: Buffer.allocUnsafeSlow(20_000).fill('#') })]
  for (const object of objects) {
    expect(lend(object)).toBeUndefined()
    memory.retire(object)
  }
  vi.runAllTimers()
  expect(objects.map(isThere)).toEqual([true, true])
})

test('a body that is part of something larger is not freed', () => {
  const memory = createBodyMemory()
  const larger = Buffer.allocUnsafeSlow(50_000).fill('l')
  const object = testObject({ class: 'segment', body: larger.subarray(0, 20_000) })
  memory.retire(object)
  vi.runAllTimers()
  expect([isThere(object), larger.length]).toEqual([true, 50_000])
})
