import { MediaError } from './media-error.ts'

/** What an AudioSpecificConfig says (ISO/IEC 14496-3, 1.6.2.1). */
export interface AacConfig {
  /** 2 is AAC-LC, 5 and 29 are HE-AAC. */
  objectType: number
  /** Samples per second of the core codec. */
  sampleRate: number
  channels: number
  /** Samples of the core codec in a frame. */
  frameSamples: 960 | 1024
}

const sampleRates = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350]

/** Reads the first fields of an AudioSpecificConfig. @throws MediaError when it is cut off or uses reserved values. */
export function parseAacConfig(config: Buffer): AacConfig {
  let bit = 0
  const read = (bits: number) => {
    let value = 0
    for (let i = 0; i < bits; i++, bit++) {
      const byte = config[bit >> 3]
      if (byte === undefined) throw new MediaError('AAC configuration is cut off')
      value = value * 2 + ((byte >> (7 - (bit & 7))) & 1)
    }
    return value
  }
  const readRate = () => {
    const index = read(4)
    const rate = index === 15 ? read(24) : sampleRates[index]
    if (!rate) throw new MediaError('AAC sample rate is reserved')
    return rate
  }
  let objectType = read(5)
  if (objectType === 31) objectType = 32 + read(6)
  const sampleRate = readRate()
  const channels = read(4)
  if (objectType === 5 || objectType === 29) {
    readRate()
    read(5)
  }
  return { objectType, sampleRate, channels, frameSamples: read(1) === 1 ? 960 : 1024 }
}

/** One frame of silence of AAC-LC by number of channels: a raw_data_block whose spectrum is zero, then an end element. */
const silentFrames: Readonly<Record<number, Buffer>> = {
  1: Buffer.from('00c800802380', 'hex'),
  2: Buffer.from('210049900219002380', 'hex'),
}

/** A silent frame that fits a configuration; undefined when none is known. */
export function silentFrame(config: AacConfig): Buffer | undefined {
  return config.objectType === 2 && config.frameSamples === 1024 ? silentFrames[config.channels] : undefined
}
