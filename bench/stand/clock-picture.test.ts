import { expect, test } from 'vitest'
import { clockModulus, createClockDrawer, readClock } from './clock-picture.ts'

const width = 320
const height = 180

const draw = createClockDrawer(width, height)

function pictureAt(now: number) {
  const luma = new Uint8Array(width * height)
  draw(luma, now, 7)
  return luma
}

const reader = (luma: Uint8Array) => (x: number, y: number) =>
  luma[Math.floor(y * height) * width + Math.floor(x * width)] ?? 0

test.each([0, 1, 65_535, 65_536, 4_294_967_295, 1_790_000_000_123])('a drawn clock %d reads back', (now) => {
  expect(readClock(reader(pictureAt(now)))).toBe(now % clockModulus)
})

test('a torn picture is not read as a clock', () => {
  const torn = pictureAt(1_790_000_000_123)
  torn.set(pictureAt(1_790_000_999_999).subarray(0, width * 40))
  expect(readClock(reader(torn))).toBeUndefined()
})
