import { expect, test } from 'vitest'
import { aacFormatOf, audioFormatOf } from './audio-format.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const opusHead = (channels: number) =>
  Buffer.concat([Buffer.from('OpusHead'), Buffer.from([1, channels]), Buffer.alloc(9)])

test.each([
  ['AAC-LC stereo', 'aac', 'config', hex('1190'), 'mp4a.40.2', 48_000, 2],
  ['AAC-LC 5.1', 'aac', 'config', hex('11b0'), 'mp4a.40.2', 48_000, 6],
  ['AAC-LC 8 kHz mono', 'aac', 'config', hex('1588'), 'mp4a.40.2', 8000, 1],
  ['AAC-LC 96 kHz', 'aac', 'config', hex('1010'), 'mp4a.40.2', 96_000, 2],
  ['HE-AAC', 'aac', 'config', hex('2b1188'), 'mp4a.40.5', 48_000, 2],
  ['AAC whose stream describes its channels', 'aac', 'config', hex('1180'), 'mp4a.40.2', 48_000, 2],
  ['Opus by its header', 'opus', 'config', opusHead(6), 'opus', 48_000, 6],
  ['Opus by a header that says no channels', 'opus', 'config', opusHead(0), 'opus', 48_000, 1],
  ['Opus stereo by a packet', 'opus', 'frame', hex('fc ff fe'), 'opus', 48_000, 2],
  ['Opus mono by a packet', 'opus', 'frame', hex('f8 ff fe'), 'opus', 48_000, 1],
  ['an empty packet of Opus', 'opus', 'frame', Buffer.alloc(0), 'opus', 48_000, 1],
  ['MP3, MPEG-1 stereo', 'mp3', 'frame', hex('fffb9044'), 'mp4a.40.34', 44_100, 2],
  ['MP3, MPEG-1 48 kHz mono', 'mp3', 'frame', hex('fffb94c4'), 'mp4a.40.34', 48_000, 1],
  ['MP3, MPEG-2', 'mp3', 'frame', hex('fff39044'), 'mp4a.40.34', 22_050, 2],
  ['MP3, MPEG-2.5', 'mp3', 'frame', hex('ffe398c4'), 'mp4a.40.34', 8000, 1],
  ['MP3 that cannot be read', 'mp3', 'frame', hex('00000000'), 'mp4a.40.34', 44_100, 2],
  ['MP3 of a reserved version', 'mp3', 'frame', hex('ffeb9044'), 'mp4a.40.34', 44_100, 2],
  ['MP3 that is too short', 'mp3', 'frame', hex('fffb'), 'mp4a.40.34', 44_100, 2],
] as const)('%s', (_what, codec, packet, body, codecString, sampleRate, channels) => {
  expect(audioFormatOf(codec, packet, body)).toEqual({ codec, codecString, sampleRate, channels })
})

test('a frame of AAC reveals nothing', () => {
  expect(audioFormatOf('aac', 'frame', hex('2100'))).toBeUndefined()
})

test.each(['', '11', '1680', 'f8', 'ffffffff'])('a header of AAC that reads %j is not one', (config) => {
  expect(aacFormatOf(hex(config))).toBeUndefined()
})
