import {
  hasLengths,
  nalLengthSize,
  nalTypeOf,
  nalUnitAt,
  ppsType,
  spsType,
} from '../../core/media/codec/avc-nal.ts'
import { BitReader, withoutEmulationPrevention } from '../../core/media/codec/bit-reader.ts'

/** NAL unit types (H.264 table 7-1). Types 1 to `lastSlice` are slices. */
const [lastSlice, idrSlice, sei, delimiter] = [5, 5, 6, 9]
/** Types of units that belong to the next picture when they come alone: SEI and parameter sets. */
const keptTypes = [sei, spsType, ppsType]
/** SEI payload type of a recovery point (H.264 section D.2.8). */
const recoveryPoint = 6
/** Intra slice types, modulo 5: I and SI (H.264 table 7-6). */
const intraSlices = [2, 4]
/** Maximum number of bytes that are kept for the next picture. */
const maxKeptBytes = 64 * 1024
/** Number of bytes at the start of a slice from which its type is read. */
const sliceStartBytes = 16

/**
 * Content of a sample. `idr`: an IDR picture. `intra`: a picture without references, or one after a recovery
 * point. `inter`: any other picture. `aside`: no picture. Undefined: its NAL units cannot be parsed.
 */
export type AvcSampleKind = 'idr' | 'intra' | 'inter' | 'aside' | undefined

/**
 * Reads the kind of a sample from its NAL units, because some encoders mark their tags wrongly. `lengthSize`
 * is the size of the length before each unit, bytes.
 */
export function kindOfSample(sample: Buffer, lengthSize: number): AvcSampleKind {
  let canRecover = false
  for (let at = 0; at < sample.length; ) {
    const unit = nalUnitAt(sample, at, lengthSize)
    if (unit === undefined) return undefined
    const type = nalTypeOf(unit)
    if (type === idrSlice) return 'idr'
    if (type >= 1 && type <= lastSlice) return canRecover || isIntra(unit) ? 'intra' : 'inter'
    if (type === sei && unit[1] === recoveryPoint) canRecover = true
    at += lengthSize + unit.length
  }
  return 'aside'
}

/** Keeps SEI and parameter sets that come in a message of their own, for the next picture. */
export class UnitsAside {
  #kept: Buffer[] = []
  #bytes = 0

  /** Keeps the SEI and parameter sets of a sample without a picture, up to `maxKeptBytes`. */
  add(sample: Buffer, lengthSize: number): void {
    for (let at = 0; at < sample.length; ) {
      const unit = nalUnitAt(sample, at, lengthSize)
      if (unit === undefined) return
      const end = at + lengthSize + unit.length
      if (keptTypes.includes(nalTypeOf(unit)) && this.#bytes + end - at <= maxKeptBytes) {
        this.#kept.push(sample.subarray(at, end))
        this.#bytes += end - at
      }
      at = end
    }
  }

  /**
   * Returns a picture with the kept units inserted at its start, but after its access unit delimiter (H.264
   * section 7.4.1.2.3). Discards the kept units.
   */
  joinedWith(sample: Buffer, lengthSize: number): Buffer {
    if (this.#kept.length === 0) return sample
    const first = nalUnitAt(sample, 0, lengthSize)
    const start = first && nalTypeOf(first) === delimiter ? lengthSize + first.length : 0
    const joined = Buffer.concat([sample.subarray(0, start), ...this.#kept, sample.subarray(start)])
    this.clear()
    return joined
  }

  clear(): void {
    this.#kept = []
    this.#bytes = 0
  }
}

/**
 * Returns a copy of the record that states lengths of 4 bytes, if the sample has such lengths and not the
 * stated ones; otherwise undefined.
 */
export function recordWithLengthSize(record: Buffer, sample: Buffer): Buffer | undefined {
  const stated = nalLengthSize(record)
  if (stated === 4 || hasLengths(sample, stated) || !hasLengths(sample, 4)) return undefined
  const corrected = Buffer.from(record)
  corrected[4] = 0xff
  return corrected
}

/** Whether a slice is intra, by its header (H.264 section 7.3.3). */
function isIntra(slice: Buffer): boolean {
  try {
    const reader = new BitReader(withoutEmulationPrevention(slice.subarray(1, sliceStartBytes)))
    reader.ue() // first_mb_in_slice
    return intraSlices.includes(reader.ue() % 5)
  } catch {
    return false
  }
}
