import { expect, test } from 'vitest'
import { parseAv1Config } from './av1.ts'
import { parseAvcConfig } from './avc.ts'
import { parseHevcConfig } from './hevc.ts'
import { isBrowserFriendly } from './video-format.ts'
import { parseVp9Config, parseVp9KeyframeSize } from './vp9.ts'

const hex = (text: string) => Buffer.from(text, 'hex')

/**
 * Test pictures: name, configuration record that ffmpeg wrote, codec string, width, height, frames/s, and
 * whether the format is browser-friendly.
 */
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

test.each(avc)('AVC %s', (_name, record, codecString, width, height, fps, isFriendly) => {
  const format = parseAvcConfig(hex(record))
  expect(format).toMatchObject({ codec: 'h264', codecString, width, height })
  expect(isBrowserFriendly(format)).toBe(isFriendly)
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
    bitDepth: 8,
    chroma: '4:2:0',
    transfer: 'sdr',
  })
  expect(parseHevcConfig(ten)).toMatchObject({
    codecString: 'hvc1.2.4.L120.90',
    width: 1366,
    height: 770,
    bitDepth: 10,
    chroma: '4:2:0',
  })
  expect(() => parseHevcConfig(eight.subarray(0, 40))).toThrow(RangeError)
})

test('AV1', () => {
  expect(parseAv1Config(hex('81010c000a0b0000000cc4ff6700be0010'))).toMatchObject({
    codecString: 'av01.0.01M.08',
    width: 640,
    height: 360,
    bitDepth: 8,
    chroma: '4:2:0',
    transfer: 'sdr',
  })
  expect(parseAv1Config(hex('81010c000a0b0000000c4d068136be4010'))).toMatchObject({ width: 322, height: 642 })
  expect(() => parseAv1Config(hex('81010c000a0b0000'))).toThrow(RangeError)
})

test('the size of VP9 is in the keyframe', () => {
  expect(parseVp9Config(hex('010000000015820202020000'))).toMatchObject({
    codecString: 'vp09.00.21.08',
    bitDepth: 8,
    chroma: '4:2:0',
  })
  expect(parseVp9KeyframeSize(hex('824983420027f01676043824'))).toEqual({ width: 640, height: 360 })
})

/** Configuration records of unusual pictures. Those of HEVC end after the sequence parameter set. */
test.each([
  [
    'AVC 4:3 pixels',
    parseAvcConfig,
    '0142c01effe100196742c01eda0280bfe5c384000003000400000300c83c58ba8001000468ce0fc8',
    { pixelAspect: 4 / 3 },
  ],
  [
    'AVC 1.77 pixels',
    parseAvcConfig,
    '0142c01effe1001d6742c01eda0280bfe5ffc005c00344000003000400000300c83c58ba8001000468ce0fc8',
    { pixelAspect: expect.closeTo(1.77, 2) },
  ],
  [
    'AVC fields',
    parseAvcConfig,
    '0164001effe100186764001eacd940b424d8088000000300800000190f8a14cb01000668fba3cb22c0fdf8f800',
    { isInterlaced: true, fps: 25 },
  ],
  [
    'AVC PQ',
    parseAvcConfig,
    '016e001effe1001d676e001ea6cd940a02ff97016a122012800000030080000019078b16cb01000668ebe3cb22c0fdfafa00',
    { bitDepth: 10, transfer: 'pq', isInterlaced: false, pixelAspect: 1 },
  ],
  [
    'HEVC PQ',
    parseHevcConfig,
    '0102200000009000000000003ff000fcfdfafa00000f04a00001001840010c01ffff02200000030090000003000003003f959809a10001002e42010102200000030090000003000003003fa005020169365959a4932bc05a848804820000030002000003003210',
    { bitDepth: 10, transfer: 'pq', pixelAspect: 1, isInterlaced: false },
  ],
  [
    'HEVC HLG',
    parseHevcConfig,
    '0104080000009d08000000003ff000fcfefafa00000f04a00001001740010c01ffff0408000003009d0800000300003f959809a10001002d4201010408000003009d0800000300003fb005020169365959a49395e02d424482410000030001000003001908',
    { chroma: '4:2:2', transfer: 'hlg' },
  ],
  [
    'HEVC 4:3 pixels',
    parseHevcConfig,
    '0101600000009000000000003ff000fcfdf8f800000f04a00001001840010c01ffff01600000030090000003000003003f959809a10001002a42010101600000030090000003000003003fa00502016965959a4932bc39a0200000030020000003032',
    { pixelAspect: 4 / 3, transfer: 'sdr' },
  ],
  [
    'AV1 PQ',
    parseAv1Config,
    '81014c000a0e0000000cc4ff6736be5424402410',
    { bitDepth: 10, chroma: '4:2:0', transfer: 'pq' },
  ],
  [
    'AV1 PQ in a reduced still picture header',
    parseAv1Config,
    '81004c000a0a182627fb3f5424402410',
    { width: 640, height: 360, transfer: 'pq' },
  ],
  [
    'AV1 HLG 4:4:4',
    parseAv1Config,
    '812100000a0e2000000cc4ff6736be4810901080',
    { chroma: '4:4:4', transfer: 'hlg' },
  ],
  ['VP9 PQ', parseVp9Config, '010000000215a20210020000', { bitDepth: 10, transfer: 'pq' }],
])('%s', (_name, parse, record, expected) => {
  expect(parse(hex(record))).toMatchObject(expected)
})

test('HEVC records truncated at any byte yield the same size or an error, never a crash', () => {
  const whole = hex(
    '0104080000009d08000000003ff000fcfefafa00000f04a00001001740010c01ffff0408000003009d0800000300003f959809a10001002d4201010408000003009d0800000300003fb005020169365959a49395e02d424482410000030001000003001908',
  )
  for (let length = 0; length < whole.length; length++) {
    const read = () => parseHevcConfig(whole.subarray(0, length))
    try {
      expect(read()).toMatchObject({ width: 640, height: 360 })
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError)
    }
  }
})
