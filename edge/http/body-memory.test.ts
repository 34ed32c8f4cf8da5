import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { testObject } from '../../test/kit/media-object.ts'
import { createBodyMemory, giveBackSoon, lend } from './body-memory.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const segment = (length = 20_000) =>
  testObject({ class: 'segment', body: Buffer.allocUnsafeSlow(length).fill('m') })
const isThere = ({ plain, length }: ReturnType<typeof segment>) => plain.body.length === length

test('media that went is given back at once when nobody is being sent it', () => {
  const memory = createBodyMemory()
  const object = segment()
  memory.retire(object)
  expect(isThere(object), 'whoever got it in this moment may still begin').toBe(true)
  vi.runAllTimers()
  expect(isThere(object)).toBe(false)
  expect(memory.waiting).toBe(0)
})

test('media stays until the last of its readers has all, also of those who began when it had gone', () => {
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

test('playlists and small media are left alone: they have other forms, or share their memory', () => {
  const memory = createBodyMemory()
  const objects = [segment(1000), testObject({ body: Buffer.allocUnsafeSlow(20_000).fill('#') })]
  for (const object of objects) {
    expect(lend(object)).toBeUndefined()
    memory.retire(object)
  }
  vi.runAllTimers()
  expect(objects.map(isThere)).toEqual([true, true])
})

test('a body that is a part of something larger is left alone', () => {
  const memory = createBodyMemory()
  const larger = Buffer.allocUnsafeSlow(50_000).fill('l')
  const object = testObject({ class: 'segment', body: larger.subarray(0, 20_000) })
  memory.retire(object)
  vi.runAllTimers()
  expect([isThere(object), larger.length]).toEqual([true, 50_000])
})

test('bytes of a read are given back after whoever is just reading, what may be cut from a pool is not', () => {
  const [read, pooled] = [Buffer.allocUnsafeSlow(65_536), Buffer.from('short')]
  const { buffer } = pooled
  giveBackSoon(read.subarray(100, 60_000))
  giveBackSoon(pooled)
  expect(read.length).toBe(65_536)
  vi.runAllTimers()
  expect([read.length, buffer.byteLength > 0]).toEqual([0, true])
})
