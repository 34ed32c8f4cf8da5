import { parseAacConfig } from '../../core/media/aac-config.ts'
import { aacHeaderBytes, audioCodecOf, statedAudioFormat } from '../../core/media/flv-audio.ts'
import { payloadOf } from '../../core/media/flv-tag.ts'
import type { AudioSource } from '../../core/media/source.ts'
import { messageOf } from '../../core/process/errors.ts'
import { UnsupportedMedia } from './unsupported-media.ts'

/** What a codec header or a frame reveals about the sound. */
export type AudioFormat = Omit<AudioSource, 'bitrate'>

/** Parses the AAC header in an audio tag. @throws UnsupportedMedia when it cannot be parsed. */
export function parseAudioConfig(tag: Buffer): AudioFormat {
  try {
    const config = payloadOf(tag).subarray(aacHeaderBytes)
    const { codecString, outputSampleRate, outputChannels } = parseAacConfig(config)
    return { codec: 'aac', codecString, sampleRate: outputSampleRate, channels: outputChannels }
  } catch (error) {
    throw new UnsupportedMedia(`The header of the AAC audio cannot be read: ${messageOf(error)}.`)
  }
}

/**
 * Format of sound without a codec header, from a frame of it: that of the MP3 frame, else what the tag
 * states.
 */
export function formatOfFrame(tag: Buffer): AudioFormat {
  const codec = audioCodecOf(tag)
  const codecString = codec === 'mp3' ? 'mp4a.40.34' : null
  return { codec, codecString, ...(parseMp3Header(payloadOf(tag).subarray(1)) ?? statedAudioFormat(tag)) }
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
