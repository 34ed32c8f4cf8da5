import { expect, test } from 'vitest'
import { SegmentMemory } from './segment-memory.ts'

const media = () => Buffer.allocUnsafeSlow(100_000)

test('media that no response sends is freed at once', () => {
  const data = media()
  new SegmentMemory().forget([data])
  expect(data.buffer.byteLength).toBe(0)
})

test('media is freed after the last response that sends it', () => {
  const memory = new SegmentMemory()
  const data = media()
  memory.hold()
  memory.hold()
  memory.forget([data])
  memory.release()
  expect(data.byteLength).toBe(100_000)
  memory.release()
  expect(data.byteLength).toBe(0)
})

test('a response that ends before the media is forgotten frees nothing', () => {
  const memory = new SegmentMemory()
  const data = media()
  memory.hold()
  memory.release()
  expect(data.byteLength).toBe(100_000)
  memory.forget([data])
  expect(data.byteLength).toBe(0)
})

test('memory that other buffers share is left to the garbage collector', () => {
  const shared = media()
  new SegmentMemory().forget([shared.subarray(0, 10)])
  expect(shared.byteLength).toBe(100_000)
})
