import type { AudioCodec } from './codec/audio-format.ts'
import { enhancedAudio } from './enhanced-rtmp.ts'
import { audioTag, payloadOf, tagHeaderBytes, tagOf } from './flv-tag.ts'

/**
 * Audio tags as ingest sends them to transcoders: AAC and MP3 in the format of FLV 10.1 (annex E.4.2), Opus
 * in that of enhanced RTMP. `at` is the offset of the payload in `bytes`; by default `bytes` is one tag.
 */

/** Kind of an audio packet. MP3 has no `config`. `aside`: nothing that a decoder needs. */
export type AudioPacket = 'config' | 'frame' | 'aside'

/** SoundFormat (annex E.4.2.1); 9 marks enhanced RTMP. */
const enhancedFormat = 9
const aacFormat = 10
const mp3Format = 2
const mp3At8kHzFormat = 14
/** First byte of an AAC payload, which always states 44.1 kHz, 16 bits and stereo, and that of MP3. */
const [aacHead, mp3Head] = [0xaf, 0x2f]
const opusFourCc = 'Opus'

const formatOf = (bytes: Buffer, at: number) => (bytes[at] ?? 0) >> 4

/** Whether the payload is in the format of enhanced RTMP. */
export function isEnhancedAudio(bytes: Buffer, at = tagHeaderBytes): boolean {
  return formatOf(bytes, at) === enhancedFormat
}

/** Codec of an audio packet; `other` for codecs of the Flash era. */
export function audioCodecOf(bytes: Buffer, at = tagHeaderBytes): AudioCodec | 'other' {
  const format = formatOf(bytes, at)
  if (format === aacFormat) return 'aac'
  if (format === enhancedFormat) return 'opus'
  return format === mp3Format || format === mp3At8kHzFormat ? 'mp3' : 'other'
}

/** Kind of an audio packet. Reads two bytes at most. */
export function audioPacketOf(bytes: Buffer, at = tagHeaderBytes): AudioPacket {
  const format = formatOf(bytes, at)
  if (format === aacFormat) return bytes[at + 1] === 0 ? 'config' : 'frame'
  if (format !== enhancedFormat) return 'frame'
  const type = (bytes[at] ?? 0) & 0x0f
  return type === 0 ? 'config' : type === 1 ? 'frame' : 'aside'
}

const headerLengths: Record<AudioCodec, number> = { aac: 2, mp3: 1, opus: 5 }

/** The configuration record or frame of a tag, not copied. */
export function audioBodyOf(tag: Buffer): Buffer {
  const codec = audioCodecOf(tag)
  return payloadOf(tag).subarray(codec === 'other' ? 1 : headerLengths[codec])
}

/** A tag for a configuration record or a frame. Its timestamp is 0 until it is sealed. */
export function audioTagOf(codec: AudioCodec, packet: 'config' | 'frame', body: Buffer): Buffer {
  if (codec === 'opus') {
    const type = packet === 'config' ? 'sequenceStart' : 'codedFrames'
    return tagOf(audioTag, 0, enhancedAudio({ fourCc: opusFourCc, type, body }))
  }
  const head = codec === 'aac' ? [aacHead, packet === 'config' ? 0 : 1] : [mp3Head]
  return tagOf(audioTag, 0, Buffer.concat([Buffer.from(head), body]))
}
