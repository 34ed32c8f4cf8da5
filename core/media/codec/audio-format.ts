import { parseAacConfig } from './aac.ts'

export type AudioCodec = 'aac' | 'mp3' | 'opus'

/** Format of the sound, as far as a codec header or a frame shows it. */
export interface AudioFormat {
  codec: AudioCodec | 'other'
  /** Codec string (RFC 6381) such as `mp4a.40.2`; null when unknown. */
  codecString: string | null
  sampleRate: number
  channels: number
}

/** Returns the format that an AudioSpecificConfig describes; undefined when it is malformed. */
export function aacFormatOf(config: Buffer): AudioFormat | undefined {
  try {
    const { codecString, outputSampleRate, outputChannels } = parseAacConfig(config)
    return { codec: 'aac', codecString, sampleRate: outputSampleRate, channels: outputChannels }
  } catch {
    return undefined
  }
}

/**
 * Returns the format that a packet shows. Returns undefined for an AAC frame, which does not show it, and for
 * a malformed AAC configuration. A malformed MP3 frame counts as 44.1 kHz stereo.
 */
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
 * Returns the number of channels that an Opus identification header (RFC 7845 section 5.1) or the first byte
 * of an Opus frame (RFC 6716 section 3.1) states.
 */
function opusChannels(body: Buffer): number {
  const isHeader = body.toString('latin1', 0, 8) === 'OpusHead'
  if (isHeader) return Math.max(1, body[9] ?? 2)
  return ((body[0] ?? 0) & 0x04) === 0 ? 1 : 2
}

/** Sample rates of MPEG-1 by index, Hz. */
const mp3SampleRates = [44_100, 48_000, 32_000]
/** Divisors of these rates by the field for the MPEG version: MPEG-2.5, a reserved value, MPEG-2, MPEG-1. */
const mp3RateDivisors = [4, 1, 2, 1]
const reservedMp3Version = 1
const monoMode = 3

/** Parses the header of an MP3 frame (ISO/IEC 11172-3 section 2.4.1.3); undefined when it is malformed. */
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
