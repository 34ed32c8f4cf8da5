import { BitReader, withoutEmulationPrevention } from './bit-reader.ts'
import { readDisplayedSize } from './picture-size.ts'
import { chromaFormats, type VideoFormat } from './video-format.ts'
import { type PictureTraits, plainTraits, readPictureTraits } from './vui.ts'

const spsType = 33
const headerBytes = 23

/**
 * Parses an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 8.3.3.1). @throws RangeError when it is
 * malformed
 */
export function parseHevcConfig(record: Buffer): VideoFormat {
  if (record.length < headerBytes || record[0] !== 1) throw new RangeError('HEVC configuration is malformed')
  const fps = record.readUInt16BE(19) / 256
  return {
    codec: 'hevc',
    codecString: hevcCodecString(record),
    ...parseSps(findSps(record)),
    fps: fps > 0 ? fps : null,
    isInterlaced: isFieldCoded(record.readUInt8(6)),
  }
}

/**
 * Whether the source is interlaced: general_interlaced_source_flag is set and general_progressive_source_flag
 * is not (H.265 section 7.4.4).
 */
const isFieldCoded = (flags: number) => (flags & 0xc0) === 0x40

/**
 * Returns the codec string: `hvc1.` with profile, compatibility, tier, level and constraints (ISO/IEC
 * 14496-15 annex E.3).
 */
function hevcCodecString(record: Buffer): string {
  const first = record.readUInt8(1)
  const space = ['', 'A', 'B', 'C'][first >> 6] ?? ''
  const tier = first & 0x20 ? 'H' : 'L'
  let reversed = 0
  for (let bit = 0, flags = record.readUInt32BE(2); bit < 32; bit++)
    reversed = reversed * 2 + ((flags >>> bit) & 1)
  const constraints = [...record.subarray(6, 12)]
  while (constraints.at(-1) === 0) constraints.pop()
  const parts = constraints.map((byte) => `.${byte.toString(16)}`).join('')
  return `hvc1.${space}${first & 0x1f}.${reversed.toString(16)}.${tier}${record.readUInt8(12)}${parts}`
}

function findSps(record: Buffer): Buffer {
  let at = headerBytes
  for (let arrays = record.readUInt8(22); arrays > 0; arrays--) {
    const type = record.readUInt8(at) & 0x3f
    const count = record.readUInt16BE(at + 1)
    at += 3
    for (let nal = 0; nal < count; nal++) {
      const length = record.readUInt16BE(at)
      at += 2
      if (type === spsType) return record.subarray(at, at + length)
      at += length
    }
  }
  throw new RangeError('HEVC configuration has no sequence parameter set')
}

/**
 * Parses a sequence parameter set (H.265 section 7.3.2.2.1), NAL unit header included.
 * @throws RangeError when the fields up to the bit depth are truncated or implausible
 */
function parseSps(nal: Uint8Array) {
  const reader = new BitReader(withoutEmulationPrevention(nal))
  reader.skip(16 + 4) // NAL header, sps_video_parameter_set_id
  const subLayers = reader.bits(3)
  reader.skip(1) // sps_temporal_id_nesting_flag
  skipProfileTierLevel(reader, subLayers)
  reader.ue() // sps_seq_parameter_set_id
  const chromaFormat = reader.ue()
  const hasSeparatePlanes = chromaFormat === 3 && reader.flag()
  const width = reader.ue()
  const height = reader.ue()
  const coded = { width, height, chromaFormat, hasSeparatePlanes, rowsPerFieldRow: 1 } as const
  const displayed = readDisplayedSize(reader, coded)
  const bitDepth = Math.max(reader.ue(), reader.ue()) + 8
  const chroma = chromaFormats[chromaFormat] ?? '4:4:4'
  return { ...displayed, bitDepth, chroma, ...readTraits(reader, subLayers) }
}

/**
 * Reads the fields after the bit depth, up to the start of the VUI. Returns plain traits if they are
 * malformed.
 */
function readTraits(reader: BitReader, subLayers: number): PictureTraits {
  try {
    const orderCountBits = reader.ue() + 4
    const hasOrderingOfEachLayer = reader.flag()
    for (let layer = hasOrderingOfEachLayer ? 0 : subLayers; layer <= subLayers; layer++)
      for (let field = 0; field < 3; field++) reader.ue()
    for (let field = 0; field < 6; field++) reader.ue() // sizes and depths of coding and transform blocks
    if (reader.flag() && reader.flag()) skipScalingLists(reader)
    reader.skip(2) // amp_enabled_flag, sample_adaptive_offset_enabled_flag
    if (reader.flag()) {
      reader.skip(4 + 4) // PCM bit depths
      reader.ue()
      reader.ue()
      reader.skip(1)
    }
    skipReferenceSets(reader)
    if (reader.flag()) skipLongTermReferences(reader, orderCountBits)
    reader.skip(2) // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
    return reader.flag() ? readPictureTraits(reader) : plainTraits
  } catch {
    return plainTraits
  }
}

/** Skips profile_tier_level (H.265 section 7.3.3). */
function skipProfileTierLevel(reader: BitReader, subLayers: number) {
  const profileBits = 88
  const levelBits = 8
  reader.skip(profileBits + levelBits)
  if (subLayers === 0) return
  const present = Array.from({ length: subLayers }, () => ({ profile: reader.flag(), level: reader.flag() }))
  reader.skip(2 * (8 - subLayers))
  for (const { profile, level } of present) reader.skip((profile ? profileBits : 0) + (level ? levelBits : 0))
}

/** Skips scaling_list_data (H.265 section 7.3.4). */
function skipScalingLists(reader: BitReader) {
  for (let size = 0; size < 4; size++)
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (!reader.flag()) {
        reader.ue()
        continue
      }
      if (size > 1) reader.se()
      for (let left = Math.min(64, 1 << (4 + (size << 1))); left > 0; left--) reader.se()
    }
}

/** Skips the short-term reference picture sets (H.265 section 7.3.7). */
function skipReferenceSets(reader: BitReader) {
  const count = reader.ue()
  if (count > 64) throw new RangeError('too many reference picture sets')
  let pictures = 0
  for (let index = 0; index < count; index++) {
    if (index > 0 && reader.flag()) {
      reader.skip(1) // delta_rps_sign
      reader.ue()
      let kept = 0
      for (let picture = 0; picture <= pictures; picture++) if (reader.flag() || reader.flag()) kept++
      pictures = kept
    } else {
      pictures = reader.ue() + reader.ue()
      if (pictures > 32) throw new RangeError('too many reference pictures')
      for (let picture = 0; picture < pictures; picture++) {
        reader.ue()
        reader.skip(1)
      }
    }
  }
}

function skipLongTermReferences(reader: BitReader, orderCountBits: number) {
  for (let left = reader.ue(); left > 0; left--) reader.skip(orderCountBits + 1)
}
