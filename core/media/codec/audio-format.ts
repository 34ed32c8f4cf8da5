import { parseAacConfig } from './aac.ts'

export type AudioCodec = 'aac' | 'mp3' | 'opus'

/** What a codec header or a frame reveals about the sound. */
export interface AudioFormat {
  codec: AudioCodec | 'other'
  /** Codec string of RFC 6381, e.g. `mp4a.40.2`, when known. */
  codecString: string | null
  sampleRate: number
  channels: number
}

/** Format of AAC by its AudioSpecificConfig; undefined when that cannot be parsed. */
export function aacFormatOf(config: Buffer): AudioFormat | undefined {
  try {
    const { codecString, outputSampleRate, outputChannels } = parseAacConfig(config)
    return { codec: 'aac', codecString, sampleRate: outputSampleRate, channels: outputChannels }
  } catch {
    return undefined
  }
}

/** Format of the sound in a packet; undefined for a frame of AAC, which does not reveal it. */
export function audioFormatOf(
  codec: AudioCodec,
  packet: 'config' | 'frame',
  body: Buffer,
): AudioFormat | undefined {
  if (codec === 'aac') return packet === 'config' ? aacFormatOf(body) : undefined
  if (codec === 'opus')
    return { codec, codecString: 'opus', sampleRate: 48_000, channels: opusChannels(body) }
  const { sampleRate, channels } = parseMp3Header(body) ?? { sampleRate: 44_100, channels: 2 }
  return { codec, codecString: 'mp4a.40.34', sampleRate, channels }
}

/**
 * Channels by an identification header (RFC 7845 section 5.1), or by the first byte of a packet (RFC 6716
 * section 3.1).
 */
function opusChannels(body: Buffer): number {
  const isHeader = body.toString('latin1', 0, 8) === 'OpusHead'
  if (isHeader) return Math.max(1, body[9] ?? 2)
  return ((body[0] ?? 0) & 0x04) === 0 ? 1 : 2
}

/** Sample rates of MPEG-1, Hz; MPEG-2 has half of them and MPEG-2.5 a quarter. */
const mp3SampleRates = [44_100, 48_000, 32_000]
/** Divisors by MPEG version; 1 is reserved. */
const mp3RateDivisors = [4, 1, 2, 1]
const reservedMp3Version = 1
const monoMode = 3

/**
 * Parses the header of an MP3 frame (ISO/IEC 11172-3 section 2.4.1.3); undefined when it is something else.
 */
function parseMp3Header(frame: Buffer): { sampleRate: number; channels: number } | undefined {
  if (frame.length < 4) return undefined
  const header = frame.readUInt32BE(0)
  if (header >>> 21 !== 0x7ff) return undefined
  const version = (header >>> 19) & 3
  const rate = mp3SampleRates[(header >>> 10) & 3]
  if (rate === undefined || version === reservedMp3Version) return undefined
  const channels = ((header >>> 6) & 3) === monoMode ? 1 : 2
  return { sampleRate: rate / (mp3RateDivisors[version] ?? 1), channels }
}
