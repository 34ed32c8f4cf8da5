import { expect, test } from 'vitest'
import { parseAv1Config } from './av1-config.ts'
import { parseAvcConfig } from './avc-config.ts'
import { parseHevcConfig } from './hevc-config.ts'
import { parseVp9Config, parseVp9KeyframeSize } from './vp9-config.ts'

const hex = (text: string) => Buffer.from(text, 'hex')

/** Records that ffmpeg wrote for test pictures, and the properties of those pictures. */
const avc = [
  [
    '1280x720p30',
    '0142c01fffe100176742c01fda014016ec0440000003004000000f03c60ca801000468ce0fc8',
    'avc1.42c01f',
    1280,
    720,
    30,
    true,
  ],
  [
    '1080p29.97 high',
    '01640028ffe1001967640028acd940780227e5c04400000fa40003a9803c60c65801000668eae3cb22c0fdf8f800',
    'avc1.640028',
    1920,
    1080,
    29.97,
    true,
  ],
  [
    'portrait, cropped',
    '0142c01effe1001a6742c01eda05414f8888c044000003000400000300c83c58ba8001000468ce0fc8',
    'avc1.42c01e',
    322,
    642,
    25,
    true,
  ],
  [
    'odd size, 4:4:4',
    '01f4001fffe1001a67f4001f919680a42fe1088c0440000003004000001e03c60ca801000568ce0f1920fff8f800',
    'avc1.f4001f',
    641,
    361,
    60,
    false,
  ],
  [
    '10 bit 4:2:2',
    '017a001fffe10019677a001fb6cb405017fc4e0220000003002000000c81e3065401000468ce0fc8fefafa00',
    'avc1.7a001f',
    640,
    360,
    50,
    false,
  ],
  [
    'interlaced',
    '0164001effe100186764001eacd940b424d8088000000300800000190f8a14cb01000668faa3cb22c0fdf8f800',
    'avc1.64001e',
    720,
    576,
    25,
    true,
  ],
] as const

test.each(avc)('AVC %s', (_name, record, codecString, width, height, fps, isBrowserFriendly) => {
  const format = parseAvcConfig(hex(record))
  expect(format).toMatchObject({ codec: 'h264', codecString, width, height, isBrowserFriendly })
  expect(format.fps).toBeCloseTo(fps, 2)
})

test('AVC records truncated at any byte yield the same size or an error, never a crash', () => {
  const whole = hex(avc[1][1])
  for (let length = 0; length < whole.length; length++) {
    const read = () => parseAvcConfig(whole.subarray(0, length))
    if (length < 33) expect(read).toThrow(RangeError)
    else expect(read()).toMatchObject({ width: 1920, height: 1080 })
  }
})

test('HEVC, 8 and 10 bits', () => {
  const eight = hex(
    '0101600000009000000000005df000fcfdf8f800000f04200001001840010c01ffff01600000030090000003000003005d959409210001002b42010101600000030090000003000003005da00280802d16595952930bc05a020000030002000003003c10',
  )
  const ten = hex(
    '01022000000090000000000078f000fcfdfafa00000f04200001001840010c01ffff022000000300900000030000030078959409210001002c420101022000000300900000030000030078a002b080311cd10d965654a4c2f0168080000003008000000f04',
  )
  expect(parseHevcConfig(eight)).toMatchObject({
    codecString: 'hvc1.1.6.L93.90',
    width: 1280,
    height: 720,
    isBrowserFriendly: true,
  })
  expect(parseHevcConfig(ten)).toMatchObject({
    codecString: 'hvc1.2.4.L120.90',
    width: 1366,
    height: 770,
    isBrowserFriendly: false,
  })
  expect(() => parseHevcConfig(eight.subarray(0, 40))).toThrow(RangeError)
})

test('AV1', () => {
  expect(parseAv1Config(hex('81010c000a0b0000000cc4ff6700be0010'))).toMatchObject({
    codecString: 'av01.0.01M.08',
    width: 640,
    height: 360,
    isBrowserFriendly: true,
  })
  expect(parseAv1Config(hex('81010c000a0b0000000c4d068136be4010'))).toMatchObject({ width: 322, height: 642 })
  expect(() => parseAv1Config(hex('81010c000a0b0000'))).toThrow(RangeError)
})

test('the size of VP9 is in the keyframe', () => {
  expect(parseVp9Config(hex('010000000015820202020000'))).toMatchObject({
    codecString: 'vp09.00.21.08',
    isBrowserFriendly: true,
  })
  expect(parseVp9KeyframeSize(hex('824983420027f01676043824'))).toEqual({ width: 640, height: 360 })
})
