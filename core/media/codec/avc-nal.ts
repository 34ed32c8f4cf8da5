/** NAL units of H.264 in FLV and MP4, where a length precedes each (ISO/IEC 14496-15 section 5.3.3). */

/** Values of nal_unit_type (H.264 table 7-1). */
export const spsType = 7
export const ppsType = 8

export interface ParameterSets {
  sps: Buffer[]
  pps: Buffer[]
}

/** Returns the size of the length before each NAL unit, bytes, from an AVCDecoderConfigurationRecord. */
export const nalLengthSize = (record: Buffer): number => ((record[4] ?? 3) & 3) + 1

/** Finds the parameter sets before the picture in a sample. The search ends at a malformed NAL unit. */
export function findParameterSets(sample: Buffer, lengthSize: number): ParameterSets {
  const found: ParameterSets = { sps: [], pps: [] }
  for (let at = 0; at < sample.length; ) {
    const unit = nalUnitAt(sample, at, lengthSize)
    if (unit === undefined) break
    const type = nalTypeOf(unit)
    // Types 1 to 5 are slices of the picture.
    if (type >= 1 && type <= 5) break
    if (type === spsType) found.sps.push(unit)
    if (type === ppsType) found.pps.push(unit)
    at += lengthSize + unit.length
  }
  return found
}

export const nalTypeOf = (unit: Buffer): number => (unit[0] ?? 0) & 0x1f

/** Returns the NAL unit whose length is at offset `at`; undefined when it is missing, truncated or empty. */
export function nalUnitAt(sample: Buffer, at: number, lengthSize: number): Buffer | undefined {
  const start = at + lengthSize
  if (start > sample.length) return undefined
  const length = sample.readUIntBE(at, lengthSize)
  return length === 0 || start + length > sample.length ? undefined : sample.subarray(start, start + length)
}

/**
 * Whether a sample has start codes (H.264 annex B) in place of lengths, an error of some encoders. The length
 * of a small NAL unit can look like a start code. So a sample that can be read with lengths of four bytes has
 * no start codes.
 */
export function hasStartCodes(sample: Buffer): boolean {
  if (sample.length < 5 || sample[0] !== 0 || sample[1] !== 0) return false
  let at = 2
  while (sample[at] === 0) at++
  return sample[at] === 1 && !hasLengths(sample, 4)
}

/** Whether a sample consists of NAL units, each after a length of `lengthSize` bytes. */
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

/** Returns a copy with lengths of four bytes in place of start codes. */
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
  // Zero bytes before the next start code are not part of the NAL unit (H.264 annex B.1.1).
  while (end > 0 && bytes[end - 1] === 0) end--
  if (end === 0) return
  const length = Buffer.alloc(4)
  length.writeUInt32BE(end)
  units.push(length, bytes.subarray(0, end))
}
