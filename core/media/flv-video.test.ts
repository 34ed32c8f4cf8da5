import { expect, test } from 'vitest'
import { payloadOf, tagOf, videoTag } from './flv-tag.ts'
import {
  compositionTimeOf,
  isEnhancedVideo,
  setCompositionTime,
  videoBodyOf,
  videoCodecOf,
  videoPacketOf,
  videoTagOf,
} from './flv-video.ts'

const tag = (hex: string) => tagOf(videoTag, 0, Buffer.from(hex.replaceAll(' ', ''), 'hex'))

test.each([
  ['an AVC header', '17 00 000000 01', 'config', 'h264'],
  ['an AVC keyframe', '17 01 000042 00', 'keyframe', 'h264'],
  ['an AVC frame', '27 01 000000 00', 'frame', 'h264'],
  ['the end of an AVC sequence', '17 02 000000', 'aside', 'h264'],
  ['Sorenson H.263', '12 01 000000', 'keyframe', 'other'],
  ['an HEVC header', '90 68766331 01', 'config', 'hevc'],
  ['an HEVC keyframe', '91 68766331 000000', 'keyframe', 'hevc'],
  ['an HEVC frame without a composition time', 'a3 68766331 00', 'frame', 'hevc'],
  ['an AV1 keyframe', '93 61763031 00', 'keyframe', 'av1'],
  ['a VP9 frame', 'a1 76703039 00', 'frame', 'vp9'],
  ['H.264 by its FourCC', '91 61766331 000000', 'keyframe', 'h264'],
  ['colour information', '94 68766331 00', 'aside', 'hevc'],
  ['an unknown FourCC', '93 00000000 00', 'keyframe', 'other'],
])('%s', (_name, payload, packet, codec) => {
  const bytes = tag(payload)
  expect(videoPacketOf(bytes)).toBe(packet)
  expect(videoCodecOf(bytes)).toBe(codec)
  expect(isEnhancedVideo(bytes)).toBe(/^[89a-f]/.test(payload))
})

test.each([
  ['an AVC frame', '27 01 000042', 66],
  ['an AVC frame that is shown before it is decoded', '27 01 ffffff', -1],
  ['an AVC header', '17 00 000042', 0],
  ['HEVC', '91 68766331 000042', 66],
  ['HEVC without one', 'a3 68766331 000042', 0],
  ['AV1, which has none', '91 61763031 000042', 0],
])('composition time of %s', (_name, payload, expected) => {
  expect(compositionTimeOf(tag(payload))).toBe(expected)
})

test.each([
  ['h264', 'config', '1700000000'],
  ['h264', 'keyframe', '1701000042'],
  ['h264', 'frame', '2701000042'],
  ['hevc', 'config', '9068766331'],
  ['hevc', 'frame', 'a168766331000042'],
  ['av1', 'keyframe', '9361763031'],
  ['vp9', 'frame', 'a376703039'],
] as const)('a tag of %s, %s', (codec, packet, header) => {
  const compositionTime = header.endsWith('000042') ? 66 : 0
  const made = videoTagOf({ codec, packet, compositionTime, body: Buffer.from('body') })
  expect(payloadOf(made).toString('hex')).toBe(header + Buffer.from('body').toString('hex'))
  expect([videoCodecOf(made), videoPacketOf(made)]).toEqual([codec, packet])
  expect(compositionTimeOf(made)).toBe(compositionTime)
  expect(videoBodyOf(made).toString()).toBe('body')
  if (compositionTime === 0) return
  setCompositionTime(made, -3)
  expect(compositionTimeOf(made)).toBe(-3)
})

test('a payload is read at any offset', () => {
  const bytes = Buffer.from('0000 17 01 000042'.replaceAll(' ', ''), 'hex')
  expect(videoPacketOf(bytes, 2)).toBe('keyframe')
  expect(videoCodecOf(bytes, 2)).toBe('h264')
})
