import type { AudioCodec } from './codec/audio-format.ts'
import { enhancedAudio } from './enhanced-rtmp.ts'
import { audioTag, payloadOf, tagHeaderBytes, tagOf } from './flv-tag.ts'

/**
 * Audio tags as ingest sends them to transcoders: AAC and MP3 in the format of FLV 10.1 (annex E.4.2), Opus
 * in that of enhanced RTMP. `at` is the offset of the payload in `bytes`; by default `bytes` is one tag.
 */

/** Kind of an audio packet. `config`: a codec header; MP3 has none. `aside`: not for decoders. */
export type AudioPacket = 'config' | 'frame' | 'aside'

/** Values of SoundFormat (FLV specification 10.1, annex E.4.2.1). */
const enhancedFormat = 9
const aacFormat = 10
const mp3Format = 2
const mp3At8kHzFormat = 14
/** First byte of AAC and MP3 payloads. It states 44.1 kHz, 16 bits and stereo, whatever the format is. */
const [aacHead, mp3Head] = [0xaf, 0x2f]
const opusFourCc = 'Opus'

const formatOf = (bytes: Buffer, at: number) => (bytes[at] ?? 0) >> 4

export function isEnhancedAudio(bytes: Buffer, at = tagHeaderBytes): boolean {
  return formatOf(bytes, at) === enhancedFormat
}

/** Returns the codec of a packet; `other` for codecs of the Flash era. Takes all enhanced RTMP for Opus. */
export function audioCodecOf(bytes: Buffer, at = tagHeaderBytes): AudioCodec | 'other' {
  const format = formatOf(bytes, at)
  if (format === aacFormat) return 'aac'
  if (format === enhancedFormat) return 'opus'
  return format === mp3Format || format === mp3At8kHzFormat ? 'mp3' : 'other'
}

/** Returns the kind of a packet. Reads only its first two bytes. */
export function audioPacketOf(bytes: Buffer, at = tagHeaderBytes): AudioPacket {
  const format = formatOf(bytes, at)
  if (format === aacFormat) return bytes[at + 1] === 0 ? 'config' : 'frame'
  if (format !== enhancedFormat) return 'frame'
  const type = (bytes[at] ?? 0) & 0x0f
  return type === 0 ? 'config' : type === 1 ? 'frame' : 'aside'
}

const headerLengths: Record<AudioCodec, number> = { aac: 2, mp3: 1, opus: 5 }

/** Returns the configuration record or the frame in a tag, as a view. */
export function audioBodyOf(tag: Buffer): Buffer {
  const codec = audioCodecOf(tag)
  return payloadOf(tag).subarray(codec === 'other' ? 1 : headerLengths[codec])
}

/** Builds a tag for a configuration record or a frame. Its timestamp is 0 until `sealTag`. */
export function audioTagOf(codec: AudioCodec, packet: 'config' | 'frame', body: Buffer): Buffer {
  if (codec === 'opus') {
    const type = packet === 'config' ? 'sequenceStart' : 'codedFrames'
    return tagOf(audioTag, 0, enhancedAudio({ fourCc: opusFourCc, type, body }))
  }
  const head = codec === 'aac' ? [aacHead, packet === 'config' ? 0 : 1] : [mp3Head]
  return tagOf(audioTag, 0, Buffer.concat([Buffer.from(head), body]))
}
