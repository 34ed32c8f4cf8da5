/**
 * NAL units of H.264 in the samples of FLV and MP4, each behind its length (ISO/IEC 14496-15 section 5.3.3).
 */

/** NAL unit types (H.264 table 7-1). */
const spsType = 7
const ppsType = 8

export interface ParameterSets {
  sps: Buffer[]
  pps: Buffer[]
}

/** Length of the length fields of a sample, bytes, by its AVCDecoderConfigurationRecord. */
export const nalLengthSize = (record: Buffer): number => ((record[4] ?? 3) & 3) + 1

/** Parameter sets in a sample. Bytes that are no NAL units end the search. */
export function findParameterSets(sample: Buffer, lengthSize: number): ParameterSets {
  const found: ParameterSets = { sps: [], pps: [] }
  for (let at = 0; at + lengthSize < sample.length; ) {
    const length = sample.readUIntBE(at, lengthSize)
    at += lengthSize
    const type = (sample[at] ?? 0) & 0x1f
    // Parameter sets come before the picture.
    if (length === 0 || at + length > sample.length || (type >= 1 && type <= 5)) break
    if (type === spsType) found.sps.push(sample.subarray(at, at + length))
    if (type === ppsType) found.pps.push(sample.subarray(at, at + length))
    at += length
  }
  return found
}

/**
 * Whether a sample has start codes (annex B) where lengths belong, as some encoders write by mistake. The
 * length of a small unit can look like a start code; then the lengths lead exactly to the end.
 */
export function hasStartCodes(sample: Buffer): boolean {
  if (sample.length < 5 || sample[0] !== 0 || sample[1] !== 0) return false
  let at = 2
  while (sample[at] === 0) at++
  return sample[at] === 1 && !hasLengths(sample, 4)
}

/** Whether a sample is a chain of units behind lengths of `lengthSize` bytes, from its first byte to its last. */
export function hasLengths(sample: Buffer, lengthSize: number): boolean {
  let at = 0
  while (at + lengthSize <= sample.length) {
    const length = sample.readUIntBE(at, lengthSize)
    if (length === 0) return false
    at += lengthSize + length
  }
  return at === sample.length
}

const startCode = Buffer.from([0, 0, 1])

/** Replaces start codes by lengths of four bytes. */
export function withLengths(annexB: Buffer): Buffer {
  const units: Buffer[] = []
  for (let at = annexB.indexOf(startCode); at >= 0; ) {
    const next = annexB.indexOf(startCode, at + startCode.length)
    addUnit(units, annexB.subarray(at + startCode.length, next < 0 ? annexB.length : next))
    at = next
  }
  return Buffer.concat(units)
}

function addUnit(units: Buffer[], bytes: Buffer) {
  let end = bytes.length
  // Zeros before the next start code belong to it (annex B.1.1).
  while (end > 0 && bytes[end - 1] === 0) end--
  if (end === 0) return
  const length = Buffer.alloc(4)
  length.writeUInt32BE(end)
  units.push(length, bytes.subarray(0, end))
}
