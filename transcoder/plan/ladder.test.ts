import { describe, expect, test } from 'vitest'
import { evenSize, fairBitrate, parseLadder, scaledTo, sizesBelow } from './ladder.ts'

const names = (ladder: string, width: number, height: number) =>
  sizesBelow(parseLadder(ladder), { width, height }).map((size) => `${size.width}x${size.height}`)

describe('sizesBelow', () => {
  test.each([
    ['auto', 3840, 2160, ['1920x1080', '1280x720', '854x480', '640x360', '426x240']],
    ['auto', 1920, 1080, ['1280x720', '854x480', '640x360', '426x240']],
    ['auto', 1280, 720, ['854x480', '640x360', '426x240']],
    // In portrait the short side is the width.
    ['auto', 1080, 1920, ['720x1280', '480x854', '360x640', '240x426']],
    // A rung of 480p is so close to a source of 486p that it is not worth the work.
    ['auto', 864, 486, ['640x360', '426x240']],
    ['auto', 641, 361, ['426x240']],
    ['auto', 426, 240, []],
    ['auto', 160, 90, []],
    ['off', 1920, 1080, []],
    ['source,720,480', 1920, 1080, ['1280x720', '854x480']],
    ['720,480', 1280, 720, ['854x480']],
    ['480,720', 1920, 1080, ['1280x720', '854x480']],
  ])('%s of %ix%i', (ladder, width, height, expected) => {
    expect(names(ladder, width, height)).toEqual(expected)
  })
})

test('sizes are even and keep the aspect ratio', () => {
  expect(evenSize({ width: 641, height: 361 })).toEqual({ width: 640, height: 360 })
  expect(scaledTo({ width: 1000, height: 563 }, 480)).toEqual({ width: 852, height: 480 })
  expect(scaledTo({ width: 320, height: 240 }, 720)).toEqual({ width: 320, height: 240 })
})

test('maximum bitrates rise with size and frame rate', () => {
  expect(fairBitrate({ width: 1920, height: 1080 }, 30)).toBe(4_500_000)
  expect(fairBitrate({ width: 1280, height: 720 }, 30)).toBe(2_260_000)
  expect(fairBitrate({ width: 1280, height: 720 }, 60)).toBe(3_190_000)
  expect(fairBitrate({ width: 640, height: 360 }, 30)).toBe(700_000)
  expect(fairBitrate({ width: 64, height: 36 }, 5)).toBe(100_000)
})

test.each(['fast', '720,', 'source,720.5', '99', '1,2,3,4,5,6,7,8,9'])('refuses %s', (value) => {
  expect(() => parseLadder(value)).toThrow('must be auto, off, or a list')
})
