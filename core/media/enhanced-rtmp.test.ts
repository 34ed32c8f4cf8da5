import { describe, expect, test } from 'vitest'
import { type EnhancedPacket, enhancedAudio, enhancedVideo, parseEnhanced } from './enhanced-rtmp.ts'

const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))))

const packet = (fields: Partial<EnhancedPacket>): EnhancedPacket => ({
  track: 0,
  fourCc: 'hvc1',
  type: 'codedFrames',
  frameType: 1,
  body: Buffer.from('media'),
  ...fields,
})

test.each([
  packet({}),
  packet({ fourCc: 'av01', type: 'sequenceStart' }),
  packet({ fourCc: 'avc1', type: 'codedFramesX', frameType: 2 }),
  packet({ fourCc: 'vp09', type: 'sequenceEnd', body: Buffer.alloc(0) }),
  packet({ type: 'metadata' }),
])('video: %o', (written) => {
  expect(parseEnhanced('video', enhancedVideo(written))).toEqual([written])
})

test('audio', () => {
  const written = packet({ fourCc: 'Opus', type: 'sequenceStart', frameType: 0 })
  expect(parseEnhanced('audio', enhancedAudio(written))).toEqual([written])
})

describe('tracks:', () => {
  const video = 0x80 | (1 << 4) | 6
  const audio = 0x90 | 5

  test('one', () => {
    const payload = bytes([audio, 0x01], 'mp4a', [3], 'media')
    expect(parseEnhanced('audio', payload)).toEqual([packet({ fourCc: 'mp4a', track: 3, frameType: 0 })])
  })

  test('many of one codec', () => {
    const payload = bytes([video, 0x10], 'hvc1', [0, 0, 0, 3], 'one', [7, 0, 0, 3], 'two')
    expect(parseEnhanced('video', payload)).toEqual([
      packet({ type: 'sequenceStart', body: Buffer.from('one') }),
      packet({ type: 'sequenceStart', body: Buffer.from('two'), track: 7 }),
    ])
  })

  test('many of many codecs', () => {
    const payload = bytes([video, 0x21], 'hvc1', [0, 0, 0, 3], 'one', 'avc1', [1, 0, 0, 3], 'two')
    expect(parseEnhanced('video', payload)).toEqual([
      packet({ body: Buffer.from('one') }),
      packet({ body: Buffer.from('two'), fourCc: 'avc1', track: 1 }),
    ])
  })
})

test('modifiers of any length are skipped', () => {
  const short = bytes([0x97], [2, 0, 0, 9], [0x01], 'mp4a', 'media')
  expect(parseEnhanced('audio', short)).toEqual([packet({ fourCc: 'mp4a', frameType: 0 })])
  const long = bytes([0x97], [255, 1, 0x2b], Array(300).fill(0), [0x07], [0, 9], [0x01], 'mp4a', 'media')
  expect(parseEnhanced('audio', long)).toEqual([packet({ fourCc: 'mp4a', frameType: 0 })])
  const tracks = bytes([0x97], [2, 0, 0, 9], [0x05, 0x01], 'mp4a', [3], 'media')
  expect(parseEnhanced('audio', tracks)).toEqual([packet({ fourCc: 'mp4a', frameType: 0, track: 3 })])
})

test('a command has no media', () => {
  expect(parseEnhanced('video', bytes([0x80 | (5 << 4), 1]))).toEqual([])
})

test.each([
  ['nothing', []],
  ['half a FourCC', [0x91, 0x68, 0x76]],
  ['an unknown packet type', [0x9f, 0, 0, 0, 0]],
  ['a track that is longer than the message', [0x96, 0x10, 0x68, 0x76, 0x63, 0x31, 0, 0, 0, 9, 1]],
  ['an unknown arrangement of tracks', [0x96, 0x30, 0x68, 0x76, 0x63, 0x31, 0]],
  ['a modifier without an end', [0x97, 9, 1]],
])('%s is malformed', (_what, payload) => {
  expect(() => parseEnhanced('video', Buffer.from(payload))).toThrow(RangeError)
})
