import { expect, test } from 'vitest'
import { audioBodyOf, audioCodecOf, audioPacketOf, audioTagOf, isEnhancedAudio } from './flv-audio.ts'
import { audioTag, payloadOf, tagOf } from './flv-tag.ts'

const tag = (hex: string) => tagOf(audioTag, 0, Buffer.from(hex.replaceAll(' ', ''), 'hex'))

test.each([
  ['an AAC header', 'af 00 1190', 'config', 'aac'],
  ['an AAC frame', 'af 01 2100', 'frame', 'aac'],
  ['an MP3 frame', '2f fffb', 'frame', 'mp3'],
  ['an MP3 frame of 8 kHz', 'ee fffb', 'frame', 'mp3'],
  ['Speex', 'b2 00', 'frame', 'other'],
])('%s', (_name, payload, packet, codec) => {
  const bytes = tag(payload)
  expect(audioPacketOf(bytes)).toBe(packet)
  expect(audioCodecOf(bytes)).toBe(codec)
  expect(isEnhancedAudio(bytes)).toBe(false)
})

test('enhanced RTMP is recognised', () => {
  expect(isEnhancedAudio(tag('90 4f707573'))).toBe(true)
})

test.each([
  ['aac', 'config', 'af00'],
  ['aac', 'frame', 'af01'],
  ['mp3', 'frame', '2f'],
  ['opus', 'config', '904f707573'],
  ['opus', 'frame', '914f707573'],
] as const)('a tag of %s, %s', (codec, packet, header) => {
  const made = audioTagOf(codec, packet, Buffer.from('body'))
  expect(payloadOf(made).toString('hex')).toBe(header + Buffer.from('body').toString('hex'))
  expect([audioCodecOf(made), audioPacketOf(made)]).toEqual([codec, packet])
  expect(audioBodyOf(made).toString()).toBe('body')
})

test('a payload is read at any offset', () => {
  const bytes = Buffer.from('0000af00', 'hex')
  expect(audioPacketOf(bytes, 2)).toBe('config')
  expect(audioCodecOf(bytes, 2)).toBe('aac')
})
