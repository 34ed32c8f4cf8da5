import { expect, test } from 'vitest'
import { payloadLength, tagOf, videoTag } from './flv-tag.ts'
import { compositionTimeOf, isEnhancedVideo, videoCodecOf, videoPacketOf } from './flv-video.ts'

const tag = (hex: string) => tagOf(videoTag, 0, Buffer.from(hex.replaceAll(' ', ''), 'hex'))

test.each([
  ['an AVC header', '17 00 000000 01', 'config', 'h264'],
  ['an AVC keyframe', '17 01 000042 00', 'keyframe', 'h264'],
  ['an AVC frame', '27 01 000000 00', 'frame', 'h264'],
  ['the end of an AVC sequence', '17 02 000000', 'aside', 'h264'],
  ['a seek command', '57 00', 'aside', 'h264'],
  ['a long command', '57 00 000000 00', 'aside', 'h264'],
  ['nothing', '', 'aside', 'other'],
  ['a frame without its header', '17 01 00', 'malformed', 'h264'],
  ['Sorenson H.263', '12 01 000000', 'keyframe', 'other'],
  ['an HEVC header', '90 68766331 01', 'config', 'hevc'],
  ['an HEVC keyframe', '91 68766331 000000', 'keyframe', 'hevc'],
  ['an HEVC frame without a composition time', 'a3 68766331 00', 'frame', 'hevc'],
  ['an AV1 keyframe', '93 61763031 00', 'keyframe', 'av1'],
  ['a VP9 frame', 'a1 76703039 00', 'frame', 'vp9'],
  ['H.264 by its FourCC', '91 61766331 000000', 'keyframe', 'h264'],
  ['colour information', '94 68766331 00', 'aside', 'hevc'],
  ['an unknown FourCC', '93 00000000 00', 'keyframe', 'other'],
  ['several tracks', '96 68766331 00', 'aside', 'other'],
])('%s', (_name, payload, packet, codec) => {
  const bytes = tag(payload)
  expect(videoPacketOf(bytes, payloadLength(bytes))).toBe(packet)
  expect(videoCodecOf(bytes)).toBe(codec)
  expect(isEnhancedVideo(bytes)).toBe(/^[89a-f]/.test(payload))
})

test.each([
  ['an AVC frame', '27 01 000042', 66],
  ['an AVC frame that is shown before it is decoded', '27 01 ffffff', -1],
  ['an AVC header', '17 00 000042', 0],
  ['enhanced RTMP', '91 68766331 000042', 0],
])('composition time of %s', (_name, payload, expected) => {
  expect(compositionTimeOf(tag(payload))).toBe(expected)
})

test('a payload is read at any offset', () => {
  const bytes = Buffer.from('0000 17 01 000042'.replaceAll(' ', ''), 'hex')
  expect(videoPacketOf(bytes, 5, 2)).toBe('keyframe')
  expect(videoCodecOf(bytes, 2)).toBe('h264')
  expect(compositionTimeOf(bytes, 2)).toBe(66)
})
