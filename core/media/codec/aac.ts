import { BitReader } from './bit-reader.ts'

/** Content of an AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1). */
export interface AacConfig {
  /** Audio object type in the first field: 2 AAC-LC, 5 HE-AAC, 29 HE-AAC v2. */
  objectType: number
  /**
   * Codec string (RFC 6381) `mp4a.40.<type>`. The type is `objectType`, except that it is 5 when SBR is
   * announced after the fields that old decoders read.
   */
  codecString: string
  /** Sample rate of the core codec, Hz. */
  sampleRate: number
  /** Sample rate after decoding, Hz. With SBR it is usually twice that of the core codec. */
  outputSampleRate: number
  /** channelConfiguration, which is not a number of channels; see `outputChannels`. */
  channels: number
  /** Number of channels after decoding; 2 if the configuration does not say. */
  outputChannels: number
  /** Number of samples of the core codec in a frame. */
  frameSamples: 960 | 1024
}

const sampleRates = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
]
/** Number of channels by channelConfiguration (ISO/IEC 14496-3 table 1.19); 0 where it is not known here. */
const channelCounts = [0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 0, 8]

const sbrType = 5
const psType = 29
/** Accepted object types: Main, LC, SSR, LTP, HE-AAC, scalable, ER LC, LD, HE-AAC v2, ELD, USAC. */
const knownTypes = [1, 2, 3, 4, sbrType, 6, 17, 23, psType, 39, 42]
const sbrSyncExtension = 0x2b7

/**
 * Parses an AudioSpecificConfig.
 * @throws RangeError when it is truncated, or its object type or sample rate is not valid
 */
export function parseAacConfig(config: Uint8Array): AacConfig {
  const reader = new BitReader(config)
  const objectType = readObjectType(reader)
  if (!knownTypes.includes(objectType)) throw new RangeError(`object type ${objectType} is unknown`)
  const sampleRate = readSampleRate(reader)
  const channels = reader.bits(4)
  let codecType = objectType
  let outputSampleRate = sampleRate
  let outputChannels = channelCounts[channels] || 2
  const isExplicit = objectType === sbrType || objectType === psType
  if (isExplicit) {
    if (objectType === psType) outputChannels = 2
    outputSampleRate = readSampleRate(reader)
    readObjectType(reader)
  }
  const frameSamples = reader.left > 0 && reader.flag() ? 960 : 1024
  if (!isExplicit && findSbrExtension(reader)) {
    codecType = sbrType
    outputSampleRate = readSampleRate(reader)
  }
  if (outputSampleRate < 7000 || outputSampleRate > 192_000)
    throw new RangeError(`sample rate ${outputSampleRate} makes no sense`)
  const codecString = `mp4a.40.${codecType}`
  return { objectType, codecString, sampleRate, outputSampleRate, channels, outputChannels, frameSamples }
}

function readObjectType(reader: BitReader): number {
  const type = reader.bits(5)
  return type === 31 ? 32 + reader.bits(6) : type
}

function readSampleRate(reader: BitReader): number {
  const index = reader.bits(4)
  const rate = index === 15 ? reader.bits(24) : sampleRates[index]
  if (!rate) throw new RangeError('sample rate is reserved')
  return rate
}

/**
 * Looks for SBR that is announced after the fields that old decoders read. Returns whether there is SBR; its
 * sample rate is then next in the reader.
 */
function findSbrExtension(reader: BitReader): boolean {
  reader.skip(Math.min(reader.left, 2)) // the other two flags of GASpecificConfig
  if (reader.left < 17 || reader.bits(11) !== sbrSyncExtension) return false
  return readObjectType(reader) === sbrType && reader.flag()
}
