import { expect, test } from 'vitest'
import { checkPicture } from './picture-limits.ts'
import { UnsupportedMedia } from './unsupported-media.ts'

const limits = { maxLong: 8192, maxShort: 4320, maxPixelRate: 600e6 }
const check = (width: number, height: number, fps = 0) => checkPicture({ width, height }, fps, limits)

test.each([
  [8192, 4320, 15],
  [4320, 8192, 15],
  [3840, 2160, 60],
  [2, 2, 120],
  [0, 0, 60],
])('%dx%d at %d is accepted', (width, height, fps) => {
  expect(() => check(width, height, fps)).not.toThrow()
})

test.each([
  [8193, 100],
  [100, 8193],
  [4321, 4321],
  [65_536, 65_536],
])('%dx%d is too large', (width, height) => {
  expect(() => check(width, height)).toThrow(UnsupportedMedia)
  expect(() => check(width, height)).toThrow(`${width}x${height} is too large. At most 8192x4320`)
})

test('too many pixels per second are refused', () => {
  expect(() => check(3840, 2160, 120)).toThrow('3840x2160 at 120 frames per second is too much')
})
