import { makeFullBox, uint32 } from './box.ts'
import type { Track } from './movie.ts'
import type { Sample } from './sample.ts'

const syncFlags = 0x0200_0000
const nonSyncFlags = 0x0101_0000

const flagsOf = (sample: Sample) => (sample.isSync ? syncFlags : nonSyncFlags)

/**
 * A CMAF chunk (ISO/IEC 23000-19, 7.3.2.3): one `moof` and one `mdat` with all `samples` (at least one), in decode order.
 * `sequence` grows with every chunk of a track.
 */
export function makeChunk(track: Track, sequence: number, samples: readonly Sample[]): Buffer {
  const [first, second = first] = samples
  if (!first || !second) throw new RangeError('a chunk needs samples')
  const { duration } = first
  const flags = flagsOf(second)
  const hasDurations = samples.some((sample) => sample.duration !== duration)
  const hasFlags = samples.some((sample, index) => index > 0 && flagsOf(sample) !== flags)
  const hasOffsets = samples.some((sample) => sample.compositionOffset !== 0)

  // default-base-is-moof, default duration and flags: what is the same for all samples is said once.
  const tfhd = makeFullBox('tfhd', 0, 0x02_0028, uint32(track.trackId, duration, flags))
  const tfdt = makeFullBox('tfdt', 1, 0, uint64(first.dts))
  const present = 0x205 | (hasDurations ? 0x100 : 0) | (hasFlags ? 0x400 : 0) | (hasOffsets ? 0x800 : 0)
  const entries: number[] = []
  for (const sample of samples) {
    if (hasDurations) entries.push(sample.duration)
    entries.push(sample.data.length)
    if (hasFlags) entries.push(flagsOf(sample))
    if (hasOffsets) entries.push(sample.compositionOffset >>> 0)
  }
  // first-sample-flags may not stand beside flags for each sample.
  const shown = hasFlags ? present & ~0x4 : present
  const trunFields = hasFlags ? [samples.length, 0] : [samples.length, 0, flagsOf(first)]
  const trun = makeFullBox('trun', 1, shown, uint32(...trunFields, ...entries))
  const mfhd = makeFullBox('mfhd', 0, 0, uint32(sequence))

  const trafSize = 8 + tfhd.length + tfdt.length + trun.length
  const moofSize = 8 + mfhd.length + trafSize
  trun.writeUInt32BE(moofSize + 8, 16)
  const dataSize = samples.reduce((sum, sample) => sum + sample.data.length, 0)
  return Buffer.concat(
    [
      boxHeader('moof', moofSize),
      mfhd,
      boxHeader('traf', trafSize),
      tfhd,
      tfdt,
      trun,
      boxHeader('mdat', dataSize + 8),
      ...samples.map((sample) => sample.data),
    ],
    moofSize + 8 + dataSize,
  )
}

function boxHeader(type: string, size: number): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(size)
  header.write(type, 4, 'latin1')
  return header
}

function uint64(value: number): Buffer {
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64BE(BigInt(value))
  return buffer
}
