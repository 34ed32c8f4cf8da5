import type { ParameterSets } from './avc-nal.ts'
import { BitReader, withoutEmulationPrevention } from './bit-reader.ts'
import { readDisplayedSize } from './picture-size.ts'
import { chromaFormats, type VideoFormat } from './video-format.ts'
import { type PictureTraits, plainTraits, readPictureTraits } from './vui.ts'

const hex = (byte: number) => byte.toString(16).padStart(2, '0')

/**
 * Parses an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3.1). The codec string is `avc1.`
 * with profile, constraints and level (RFC 6381 section 3.3).
 * @throws RangeError when the first sequence parameter set, or anything before it, is missing or malformed
 */
export function parseAvcConfig(record: Buffer): VideoFormat {
  if (record.length < 8 || record[0] !== 1) throw new RangeError('AVC configuration is malformed')
  const spsCount = record.readUInt8(5) & 0x1f
  if (spsCount === 0) throw new RangeError('AVC configuration has no sequence parameter set')
  const spsLength = record.readUInt16BE(6)
  const sps = record.subarray(8, 8 + spsLength)
  if (spsLength < 4 || sps.length < spsLength) throw new RangeError('sequence parameter set is truncated')
  const picture = parseSps(sps)
  const codecString = `avc1.${hex(sps.readUInt8(1))}${hex(sps.readUInt8(2))}${hex(sps.readUInt8(3))}`
  return { codec: 'h264', codecString, ...picture }
}

/**
 * Profiles whose sequence parameter set has fields for chroma format and bit depth (H.264 section 7.3.2.1.1).
 */
const highProfiles = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]

/**
 * Parses a sequence parameter set (H.264 section 7.3.2.1.1), NAL unit header included.
 * @throws RangeError when it is truncated before the VUI, or its picture size is implausible
 */
function parseSps(nal: Uint8Array): Omit<VideoFormat, 'codec' | 'codecString'> {
  const reader = new BitReader(withoutEmulationPrevention(nal))
  reader.skip(8)
  const profile = reader.bits(8)
  reader.skip(16) // constraint flags, level
  reader.ue() // seq_parameter_set_id
  const { chromaFormat, hasSeparatePlanes, bitDepth } = highProfiles.includes(profile)
    ? readChroma(reader)
    : { chromaFormat: 1, hasSeparatePlanes: false, bitDepth: 8 }
  reader.ue() // log2_max_frame_num_minus4
  skipPictureOrder(reader)
  reader.ue() // max_num_ref_frames
  reader.skip(1) // gaps_in_frame_num_value_allowed_flag
  const widthInMbs = reader.ue() + 1
  const heightInMapUnits = reader.ue() + 1
  const hasFramesOnly = reader.flag()
  if (!hasFramesOnly) reader.skip(1) // mb_adaptive_frame_field_flag
  reader.skip(1) // direct_8x8_inference_flag
  const rowsPerFieldRow = hasFramesOnly ? 1 : 2
  const displayed = readDisplayedSize(reader, {
    width: widthInMbs * 16,
    height: heightInMapUnits * 16 * rowsPerFieldRow,
    chromaFormat,
    hasSeparatePlanes,
    rowsPerFieldRow,
  })
  return {
    ...displayed,
    bitDepth,
    chroma: chromaFormats[chromaFormat] ?? '4:4:4',
    // With `frame_mbs_only_flag` 0 the source may contain fields. Whether it does is unknown here.
    isInterlaced: !hasFramesOnly,
    ...(reader.flag() ? readVui(reader) : { ...plainTraits, fps: null }),
  }
}

function readChroma(reader: BitReader) {
  const chromaFormat = reader.ue()
  const hasSeparatePlanes = chromaFormat === 3 && reader.flag()
  const bitDepth = Math.max(reader.ue(), reader.ue()) + 8
  reader.skip(1) // qpprime_y_zero_transform_bypass_flag
  if (reader.flag()) skipScalingLists(reader, chromaFormat === 3 ? 12 : 8)
  return { chromaFormat, hasSeparatePlanes, bitDepth }
}

function skipScalingLists(reader: BitReader, count: number) {
  for (let list = 0; list < count; list++) {
    if (!reader.flag()) continue
    let next = 8
    let last = 8
    for (let i = 0; i < (list < 6 ? 16 : 64); i++) {
      if (next !== 0) next = (last + reader.se() + 256) % 256
      last = next === 0 ? last : next
    }
  }
}

function skipPictureOrder(reader: BitReader) {
  const type = reader.ue()
  if (type === 0) reader.ue()
  if (type !== 1) return
  reader.skip(1)
  reader.se()
  reader.se()
  const cycle = reader.ue()
  if (cycle > 255) throw new RangeError('picture order cycle is too long')
  for (let i = 0; i < cycle; i++) reader.se()
}

/** Reads the VUI (H.264 annex E.1.1) up to its timing. A tick is the duration of a field, half a frame. */
function readVui(reader: BitReader): PictureTraits & { fps: number | null } {
  try {
    const traits = readPictureTraits(reader)
    if (!reader.flag()) return { ...traits, fps: null }
    const unitsInTick = reader.bits(32)
    const timeScale = reader.bits(32)
    return { ...traits, fps: unitsInTick > 0 && timeScale > 0 ? timeScale / (2 * unitsInTick) : null }
  } catch {
    // The size was read before the VUI, so it is valid even if the VUI is truncated.
    return { ...plainTraits, fps: null }
  }
}

/**
 * Profiles whose configuration record ends with chroma format and bit depths (ISO/IEC 14496-15 section
 * 5.3.3.1.2).
 */
const extendedProfiles = [100, 110, 122, 144]

/** Maximum numbers of sequence and picture parameter sets in a record, and maximum length of a set, bytes. */
const [maxSps, maxPps, maxSetBytes] = [31, 255, 65_535]

/**
 * Builds the AVCDecoderConfigurationRecord for parameter sets, with NAL unit lengths of four bytes. Leaves
 * out sets that do not fit. Returns undefined unless usable sets of both kinds remain.
 * @throws RangeError when the first sequence parameter set is malformed
 */
export function avcRecordOf(found: ParameterSets): Buffer | undefined {
  const fitting = (units: readonly Buffer[], max: number) =>
    units.filter(({ length }) => length <= maxSetBytes).slice(0, max)
  const [sps, pps] = [fitting(found.sps, maxSps), fitting(found.pps, maxPps)]
  const [first] = sps
  if (first === undefined || pps.length === 0 || first.length < 4) return undefined
  const { bitDepth, chroma } = parseSps(first)
  const sets = (units: readonly Buffer[]) =>
    units.flatMap((unit) => [Buffer.from([unit.length >> 8, unit.length & 0xff]), unit])
  const profile = first.readUInt8(1)
  const depths = [0xfc | chromaFormats.indexOf(chroma), 0xf8 | (bitDepth - 8), 0xf8 | (bitDepth - 8), 0]
  return Buffer.concat([
    Buffer.from([1, profile, first.readUInt8(2), first.readUInt8(3), 0xff, 0xe0 | sps.length]),
    ...sets(sps),
    Buffer.from([pps.length]),
    ...sets(pps),
    Buffer.from(extendedProfiles.includes(profile) ? depths : []),
  ])
}

/**
 * Returns the parameter sets in an AVCDecoderConfigurationRecord.
 * @throws RangeError when a number of sets, or the length of a set, is missing
 */
export function parameterSetsOf(record: Buffer): ParameterSets {
  let at = 5
  const take = (count: number) =>
    Array.from({ length: count }, () => {
      const length = record.readUInt16BE(at)
      at += 2 + length
      return record.subarray(at - length, at)
    })
  const sps = take(record.readUInt8(at++) & 0x1f)
  return { sps, pps: take(record.readUInt8(at++)) }
}
