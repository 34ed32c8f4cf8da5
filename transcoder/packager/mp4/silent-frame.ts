import type { AacConfig } from '../../../core/media/codec/aac.ts'

/** Fields of the configuration on which the coding of silence depends. */
export type SilenceConfig = Pick<AacConfig, 'objectType' | 'channels' | 'frameSamples'>

/**
 * Silent frames of AAC-LC by number of channels: a raw_data_block with an empty spectrum and an end element.
 */
const silentFrames: Readonly<Record<number, Buffer>> = {
  1: Buffer.from('00c800802380', 'hex'),
  2: Buffer.from('210049900219002380', 'hex'),
}

/** Returns a silent frame; undefined unless audio is mono or stereo AAC-LC with 1024 samples per frame. */
export function silentFrame({ objectType, channels, frameSamples }: SilenceConfig): Buffer | undefined {
  return objectType === 2 && frameSamples === 1024 ? silentFrames[channels] : undefined
}
