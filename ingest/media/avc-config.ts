import { BitReader, withoutEmulationPrevention } from '../../core/media/bit-reader.ts'
import { readDisplayedSize } from './picture-size.ts'
import type { VideoFormat } from './video-format.ts'

const hex = (byte: number) => byte.toString(16).padStart(2, '0')

/**
 * Parses an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3.1).
 * The codec string is `avc1.` with profile, constraints and level (RFC 6381 section 3.3).
 * @throws RangeError when the record is truncated or has no sequence parameter set.
 */
export function parseAvcConfig(record: Buffer): VideoFormat {
  if (record.length < 8 || record[0] !== 1) throw new RangeError('AVC configuration is malformed')
  const spsCount = record.readUInt8(5) & 0x1f
  if (spsCount === 0) throw new RangeError('AVC configuration has no sequence parameter set')
  const spsLength = record.readUInt16BE(6)
  const sps = record.subarray(8, 8 + spsLength)
  if (spsLength < 4 || sps.length < spsLength) throw new RangeError('sequence parameter set is truncated')
  const { width, height, chromaFormat, bitDepth, fps } = parseSps(sps)
  const codecString = `avc1.${hex(sps.readUInt8(1))}${hex(sps.readUInt8(2))}${hex(sps.readUInt8(3))}`
  return {
    codec: 'h264',
    codecString,
    width,
    height,
    fps,
    isBrowserFriendly: chromaFormat === 1 && bitDepth === 8,
  }
}

/** What a sequence parameter set says about the picture. */
interface PictureFormat {
  /** Displayed size, after cropping, pixels. */
  width: number
  height: number
  chromaFormat: number
  bitDepth: number
  /** Frames per second according to the VUI; null when it has no timing. */
  fps: number | null
}

/** Profiles whose parameter set includes chroma format and bit depth (H.264 section 7.3.2.1.1). */
const highProfiles = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]

/**
 * Parses a sequence parameter set (H.264 section 7.3.2.1.1), NAL header included.
 * @throws RangeError when it is truncated or absurd.
 */
function parseSps(nal: Uint8Array): PictureFormat {
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
  return { ...displayed, chromaFormat, bitDepth, fps: reader.flag() ? readVuiTiming(reader) : null }
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

/** Reads the frame rate of the VUI (annex E.1.1). A tick is a field, and two fields are a frame. */
function readVuiTiming(reader: BitReader): number | null {
  try {
    const extendedSar = 255
    if (reader.flag() && reader.bits(8) === extendedSar) reader.skip(32)
    if (reader.flag()) reader.skip(1) // overscan
    if (reader.flag()) {
      reader.skip(4) // video_format, video_full_range_flag
      if (reader.flag()) reader.skip(24) // colour description
    }
    if (reader.flag()) {
      reader.ue()
      reader.ue()
    }
    if (!reader.flag()) return null
    const unitsInTick = reader.bits(32)
    const timeScale = reader.bits(32)
    return unitsInTick > 0 && timeScale > 0 ? timeScale / (2 * unitsInTick) : null
  } catch {
    // The size is still valid in a parameter set that ends inside its VUI.
    return null
  }
}
