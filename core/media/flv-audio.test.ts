import { expect, test } from 'vitest'
import { audioCodecOf, audioPacketOf, isEnhancedAudio, statedAudioFormat } from './flv-audio.ts'
import { audioTag, payloadLength, tagOf } from './flv-tag.ts'

const tag = (hex: string) => tagOf(audioTag, 0, Buffer.from(hex.replaceAll(' ', ''), 'hex'))

test.each([
  ['an AAC header', 'af 00 1190', 'config', 'aac'],
  ['an AAC frame', 'af 01 2100', 'frame', 'aac'],
  ['AAC without its packet type', 'af', 'malformed', 'aac'],
  ['an MP3 frame', '2f fffb', 'frame', 'mp3'],
  ['an MP3 frame of 8 kHz', 'ee fffb', 'frame', 'mp3'],
  ['MP3 without a frame', '2f', 'malformed', 'mp3'],
  ['Speex', 'b2 00', 'frame', 'other'],
  ['nothing', '', 'malformed', 'other'],
])('%s', (_name, payload, packet, codec) => {
  const bytes = tag(payload)
  expect(audioPacketOf(bytes, payloadLength(bytes))).toBe(packet)
  expect(audioCodecOf(bytes)).toBe(codec)
  expect(isEnhancedAudio(bytes)).toBe(false)
})

test('enhanced RTMP is recognised', () => {
  expect(isEnhancedAudio(tag('90 4f707573'))).toBe(true)
})

test.each([
  ['20', 5512, 1],
  ['2b', 22_050, 2],
  ['2f', 44_100, 2],
])('format stated by %s', (payload, sampleRate, channels) => {
  expect(statedAudioFormat(tag(payload))).toEqual({ sampleRate, channels })
})

test('a payload is read at any offset', () => {
  const bytes = Buffer.from('0000af00', 'hex')
  expect(audioPacketOf(bytes, 2, 2)).toBe('config')
  expect(audioCodecOf(bytes, 2)).toBe('aac')
})
