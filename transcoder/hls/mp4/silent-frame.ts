import type { AacConfig } from '../../../core/media/codec/aac.ts'

/** The fields that decide how silence is coded. */
export type SilenceConfig = Pick<AacConfig, 'objectType' | 'channels' | 'frameSamples'>

/** A frame of silence of AAC-LC by number of channels: a raw_data_block whose spectrum is zero, then an end element. */
const silentFrames: Readonly<Record<number, Buffer>> = {
  1: Buffer.from('00c800802380', 'hex'),
  2: Buffer.from('210049900219002380', 'hex'),
}

/** A silent frame that fits a configuration; undefined when none is known. */
export function silentFrame({ objectType, channels, frameSamples }: SilenceConfig): Buffer | undefined {
  return objectType === 2 && frameSamples === 1024 ? silentFrames[channels] : undefined
}
