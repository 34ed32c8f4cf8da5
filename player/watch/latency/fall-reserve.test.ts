import type { Level } from 'hls.js'
import { expect, test } from 'vitest'
import { fallReserve } from './fall-reserve.ts'

const level = (bitrate: number) =>
  ({ maxBitrate: bitrate, averageBitrate: bitrate, details: { targetduration: 2 } }) as Level
const levels = [level(350_000), level(1_500_000), level(3_100_000)]

test('the slower the link, the more distance is kept for a fall, within a maximum', () => {
  expect(fallReserve({ levels, loadLevel: 2 }, 50_000_000)).toBe(0)
  expect(fallReserve({ levels, loadLevel: 1 }, 5_000_000)).toBeCloseTo(0.2)
  expect(fallReserve({ levels, loadLevel: 1 }, 2_500_000)).toBe(0.4)
})

test('where even the lowest rendition would not fit after the fall, a reserve would not help', () => {
  expect(fallReserve({ levels, loadLevel: 1 }, 2_000_000)).toBe(0)
})

test('the lowest rendition and a stream of one rendition need no reserve', () => {
  expect(fallReserve({ levels, loadLevel: 0 }, 3_000_000)).toBe(0)
  expect(fallReserve({ levels: levels.slice(0, 1), loadLevel: 0 }, 3_000_000)).toBe(0)
  expect(fallReserve({ levels: [], loadLevel: -1 }, 3_000_000)).toBe(0)
})
