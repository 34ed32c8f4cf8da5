import { tagHeaderBytes } from './flv-tag.ts'
import type { AudioSource } from './source.ts'

/**
 * Payloads of audio tags (FLV 10.1, annex E.4.2). `at` is the offset of the payload in `bytes`; by default
 * `bytes` is one tag.
 */

/** Kind of an audio packet. Only AAC has a `config`. */
export type AudioPacket = 'config' | 'frame' | 'malformed'

/** Bytes before the AudioSpecificConfig or the frame of AAC (annex E.4.2.2). */
export const aacHeaderBytes = 2

/** SoundFormat (annex E.4.2.1); 9 marks enhanced RTMP (Veovera, version 2). */
const enhancedFormat = 9
const aacFormat = 10
const mp3Format = 2
const mp3At8kHzFormat = 14

/** SoundRate, Hz. */
const statedRates = [5512, 11_025, 22_050, 44_100]

const formatOf = (bytes: Buffer, at: number) => (bytes[at] ?? 0) >> 4

/** Whether the payload is in the format of enhanced RTMP, which older FLV demuxers cannot read. */
export function isEnhancedAudio(bytes: Buffer, at = tagHeaderBytes): boolean {
  return formatOf(bytes, at) === enhancedFormat
}

/** Codec of an audio packet that is not enhanced. */
export function audioCodecOf(bytes: Buffer, at = tagHeaderBytes): AudioSource['codec'] {
  const format = formatOf(bytes, at)
  if (format === aacFormat) return 'aac'
  return format === mp3Format || format === mp3At8kHzFormat ? 'mp3' : 'other'
}

/** Kind of an audio packet with a payload of `length` bytes. Reads two bytes at most. */
export function audioPacketOf(bytes: Buffer, length: number, at = tagHeaderBytes): AudioPacket {
  if (formatOf(bytes, at) !== aacFormat) return length > 1 ? 'frame' : 'malformed'
  if (length < aacHeaderBytes) return 'malformed'
  return bytes[at + 1] === 0 ? 'config' : 'frame'
}

/** Sample rate and channels as the payload states them. AAC always states 44.1 kHz stereo. */
export function statedAudioFormat(
  bytes: Buffer,
  at = tagHeaderBytes,
): { sampleRate: number; channels: number } {
  const first = bytes[at] ?? 0
  return { sampleRate: statedRates[(first >> 2) & 3] ?? 44_100, channels: (first & 1) + 1 }
}
