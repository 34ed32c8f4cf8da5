import { typeCode } from './box.ts'
import type { Sample } from './sample.ts'
import { trackId } from './track.ts'

const type = {
  moof: typeCode('moof'),
  mfhd: typeCode('mfhd'),
  traf: typeCode('traf'),
  tfhd: typeCode('tfhd'),
  tfdt: typeCode('tfdt'),
  trun: typeCode('trun'),
  mdat: typeCode('mdat'),
}

const syncFlags = 0x0200_0000
const nonSyncFlags = 0x0101_0000

const flagsOf = (sample: Sample) => (sample.isSync ? syncFlags : nonSyncFlags)

/** Lengths of boxes with their headers, bytes. They are constant, unlike that of `trun`. */
const mfhdBytes = 16
const tfhdBytes = 24
const tfdtBytes = 20

/**
 * Makes a CMAF chunk (ISO/IEC 23000-19 7.3.2.3): one `moof` and one `mdat` with all samples, in decode order.
 * `sequence` must increase with every chunk of a track. The head consists of 32-bit words, so that it can be
 * written in one loop. @throws RangeError when there are no samples
 */
export function makeChunk(sequence: number, samples: readonly Sample[]): Buffer {
  const [first] = samples
  if (!first) throw new RangeError('a chunk needs samples')
  const run = runOf(first, samples)
  const trafBytes = 8 + tfhdBytes + tfdtBytes + run.length * 4
  const moofBytes = 8 + mfhdBytes + trafBytes
  const dataBytes = samples.reduce((sum, sample) => sum + sample.data.length, 0)
  // Field data_offset of `trun`: where the media starts, counted from the start of `moof`.
  run[4] = moofBytes + 8
  const head = [
    ...[moofBytes, type.moof],
    ...[mfhdBytes, type.mfhd, 0, sequence],
    ...[trafBytes, type.traf],
    // Flags of `tfhd`: default-base-is-moof, and defaults for the duration and the flags of samples.
    ...[tfhdBytes, type.tfhd, 0x02_0028, trackId, first.duration, flagsOf(samples[1] ?? first)],
    ...[tfdtBytes, type.tfdt, 0x0100_0000, Math.floor(first.dts / 2 ** 32), first.dts % 2 ** 32],
    ...run,
    ...[dataBytes + 8, type.mdat],
  ]
  const chunk = Buffer.allocUnsafeSlow(head.length * 4 + dataBytes)
  let at = 0
  for (const word of head) at = chunk.writeUInt32BE(word, at)
  for (const { data } of samples) {
    chunk.set(data, at)
    at += data.length
  }
  return chunk
}

/** Returns the 32-bit words of `trun` (ISO/IEC 14496-12 8.8.8). The caller fills in data_offset. */
function runOf(first: Sample, samples: readonly Sample[]): number[] {
  const flags = flagsOf(samples[1] ?? first)
  const hasDurations = samples.some((sample) => sample.duration !== first.duration)
  const hasFlags = samples.some((sample, index) => index > 0 && flagsOf(sample) !== flags)
  const hasOffsets = samples.some((sample) => sample.compositionOffset !== 0)
  // `trun` must not have first-sample-flags together with flags for each sample.
  const firstFlags = hasFlags ? 0 : 0x4
  const present =
    0x201 | firstFlags | (hasDurations ? 0x100 : 0) | (hasFlags ? 0x400 : 0) | (hasOffsets ? 0x800 : 0)
  const run = [0, type.trun, 0x0100_0000 | present, samples.length, 0]
  if (!hasFlags) run.push(flagsOf(first))
  for (const sample of samples) {
    if (hasDurations) run.push(sample.duration)
    run.push(sample.data.length)
    if (hasFlags) run.push(flagsOf(sample))
    if (hasOffsets) run.push(sample.compositionOffset >>> 0)
  }
  run[0] = run.length * 4
  return run
}
