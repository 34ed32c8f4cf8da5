import { expect, test } from 'vitest'
import { formatBitrate, formatBytes, formatFps, formatSpan } from './units.ts'

test.each([
  [127_800, '128 kbps'],
  [999_400, '999 kbps'],
  [999_900, '1.0 Mbps'],
  [4_260_000, '4.3 Mbps'],
  [12_300_000, '12 Mbps'],
])('%d bits/s', (bits, text) => {
  expect(formatBitrate(bits)).toBe(text)
})

test.each([
  [0, '1 kB'],
  [48_200, '48 kB'],
  [999_400, '999 kB'],
  [999_900, '1.0 MB'],
  [8_388_608, '8.4 MB'],
])('%d bytes', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test.each([
  [0, '0 s'],
  [-5, '0 s'],
  [42_900, '42 s'],
  [60_000, '1 min'],
  [185_000, '3 min 5 s'],
  [7_800_000, '2 h 10 min'],
  [273_600_000, '3 d 4 h'],
])('%d ms', (ms, text) => {
  expect(formatSpan(ms)).toBe(text)
})

test('frame rates have at most two decimals', () => {
  expect([30, 29.97003, 59.94006].map(formatFps)).toEqual(['30 fps', '29.97 fps', '59.94 fps'])
})
