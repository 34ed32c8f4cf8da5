import type { AacConfig } from '../../../core/media/aac-config.ts'

/** The fields that determine how silence is coded. */
export type SilenceConfig = Pick<AacConfig, 'objectType' | 'channels' | 'frameSamples'>

/** Silent AAC-LC frames by number of channels: a raw_data_block with a zero spectrum and an end element. */
const silentFrames: Readonly<Record<number, Buffer>> = {
  1: Buffer.from('00c800802380', 'hex'),
  2: Buffer.from('210049900219002380', 'hex'),
}

/** Returns a silent frame for a configuration; undefined when none is known. */
export function silentFrame({ objectType, channels, frameSamples }: SilenceConfig): Buffer | undefined {
  return objectType === 2 && frameSamples === 1024 ? silentFrames[channels] : undefined
}
