import { parseMp3Header } from '../../ingest/media/audio-format.ts'
import { payloadOf, tagHeaderBytes } from './flv-tag.ts'
import type { AudioSource } from './source.ts'

/** What an audio message is; only AAC has a `config`. */
export type AudioPacket = 'config' | 'frame' | 'malformed'

/** Bytes before the AudioSpecificConfig of AAC (annex E.4.2.2). */
export const aacHeaderBytes = 2

const enhancedFormat = 9
const aacFormat = 10
const mp3Formats = [2, 14]

/** Whether an audio tag has the form of enhanced RTMP (version 2). */
export function isEnhancedAudio(tag: Buffer): boolean {
  return (tag[tagHeaderBytes] ?? 0) >> 4 === enhancedFormat
}

/** The codec of an audio tag in the old form. */
export function audioCodecOf(tag: Buffer): AudioSource['codec'] {
  const format = (tag[tagHeaderBytes] ?? 0) >> 4
  if (format === aacFormat) return 'aac'
  return mp3Formats.includes(format) ? 'mp3' : 'other'
}

/** What stands in an audio tag. */
export function audioPacketOf(tag: Buffer, length: number): AudioPacket {
  if ((tag[tagHeaderBytes] ?? 0) >> 4 !== aacFormat) return length > 1 ? 'frame' : 'malformed'
  if (length < aacHeaderBytes) return 'malformed'
  return tag[tagHeaderBytes + 1] === 0 ? 'config' : 'frame'
}

/** Sample rate and channels of sound that has no header of its own: of the MP3 frame, or as the tag states (annex E.4.2.1). */
export function audioFormOf(tag: Buffer): { sampleRate: number; channels: number } {
  const first = tag[tagHeaderBytes] ?? 0
  const stated = {
    sampleRate: [5512, 11_025, 22_050, 44_100][(first >> 2) & 3] ?? 44_100,
    channels: (first & 1) + 1,
  }
  return parseMp3Header(payloadOf(tag).subarray(1)) ?? stated
}
