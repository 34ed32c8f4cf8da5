import {
  hasLengths,
  nalLengthSize,
  nalTypeOf,
  nalUnitAt,
  ppsType,
  spsType,
} from '../../core/media/codec/avc-nal.ts'
import { BitReader, withoutEmulationPrevention } from '../../core/media/codec/bit-reader.ts'

/** NAL unit types (H.264 table 7-1): slices, and what may stand before them. */
const [lastSlice, idrSlice, sei, delimiter] = [5, 5, 6, 9]
/** Units that belong to the next picture when they come alone: SEI and parameter sets. */
const keptTypes = [sei, spsType, ppsType]
/** SEI payload type of a recovery point (H.264 section D.2.8). */
const recoveryPoint = 6
/** Slice types that are intra, modulo 5: I and SI (H.264 table 7-6). */
const intraSlices = [2, 4]
/** Maximum bytes that wait for the next picture. */
const maxKeptBytes = 64 * 1024
/** Number of bytes at the start of a slice that are enough to read its type. */
const sliceStartBytes = 16

/**
 * What a sample has: an IDR picture (`idr`), an intra picture or a recovery point (`intra`), another picture
 * (`inter`), or no picture (`aside`); undefined when its units cannot be read.
 */
export type AvcSampleKind = 'idr' | 'intra' | 'inter' | 'aside' | undefined

/** Returns what a sample has by its NAL units, because some encoders mark their tags wrongly. */
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

  /**
   * Adds the units of a sample without a picture. Drops other types of units, and what exceeds
   * `maxKeptBytes`.
   */
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
   * Returns a picture with the kept units before it, but after its delimiter (H.264 section 7.4.1.2.3). They
   * are then no longer kept.
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
 * Returns the record with a length size of 4 when the sample has length fields of 4 bytes and not of the
 * stated size; otherwise undefined.
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
