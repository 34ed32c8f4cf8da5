import { BitReader } from './bit-reader.ts'

/** What an AudioSpecificConfig tells (ISO/IEC 14496-3 section 1.6.2.1). */
export interface AacFormat {
  /** `mp4a.40.<audio object type>`; 5 is HE-AAC, 29 HE-AAC v2. */
  codecString: string
  /** Of the decoded sound, Hz: with SBR twice that of the core. */
  sampleRate: number
  channels: number
}

const sampleRates = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
]
/** Channels of each channelConfiguration (table 1.19); 0 is told elsewhere. */
const channelCounts = [0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 0, 8]

const sbrType = 5
const psType = 29
const sbrSyncExtension = 0x2b7

/** Reads an AudioSpecificConfig. @throws RangeError when it is cut short or absurd. */
export function parseAacConfig(config: Uint8Array): AacFormat {
  const reader = new BitReader(config)
  let objectType = readObjectType(reader)
  let sampleRate = readSampleRate(reader)
  const channelConfig = reader.bits(4)
  let channels = channelCounts[channelConfig] || 2
  if (objectType === sbrType || objectType === psType) {
    if (objectType === psType) channels = 2
    sampleRate = readSampleRate(reader)
  } else if (findSbrExtension(reader)) {
    objectType = sbrType
    sampleRate = readSampleRate(reader)
  }
  if (sampleRate < 7000 || sampleRate > 192_000)
    throw new RangeError(`sample rate ${sampleRate} makes no sense`)
  return { codecString: `mp4a.40.${objectType}`, sampleRate, channels }
}

function readObjectType(reader: BitReader): number {
  const type = reader.bits(5)
  return type === 31 ? 32 + reader.bits(6) : type
}

function readSampleRate(reader: BitReader): number {
  const index = reader.bits(4)
  if (index === 15) return reader.bits(24)
  const rate = sampleRates[index]
  if (rate === undefined) throw new RangeError('sample rate is reserved')
  return rate
}

/** Backward-compatible signalling: SBR announced after the configuration that old decoders read. */
function findSbrExtension(reader: BitReader): boolean {
  reader.skip(Math.min(reader.left, 3)) // GASpecificConfig without extension: three flags
  if (reader.left < 17 || reader.bits(11) !== sbrSyncExtension) return false
  return readObjectType(reader) === sbrType && reader.flag()
}
