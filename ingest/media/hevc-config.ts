import { BitReader, withoutEmulationPrevention } from '../../core/media/bit-reader.ts'
import { readDisplayedSize } from './picture-size.ts'
import type { VideoFormat } from './video-format.ts'

const spsType = 33
const headerBytes = 23

/** Parses an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 8.3.3.1). @throws RangeError */
export function parseHevcConfig(record: Buffer): VideoFormat {
  if (record.length < headerBytes || record[0] !== 1) throw new RangeError('HEVC configuration is malformed')
  const { width, height, chromaFormat, bitDepth } = parseSps(findSps(record))
  const fps = record.readUInt16BE(19) / 256
  return {
    codec: 'hevc',
    codecString: hevcCodecString(record),
    width,
    height,
    fps: fps > 0 ? fps : null,
    isBrowserFriendly: chromaFormat === 1 && bitDepth === 8,
  }
}

/**
 * Codec string: `hvc1.` with profile, compatibility, tier, level and constraints (ISO/IEC 14496-15 annex
 * E.3).
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

/** Parses the beginning of a sequence parameter set (H.265 section 7.3.2.2.1). */
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
  return { ...displayed, chromaFormat, bitDepth }
}

/** Skips profile, tier and level (section 7.3.3). */
function skipProfileTierLevel(reader: BitReader, subLayers: number) {
  const profileBits = 88
  const levelBits = 8
  reader.skip(profileBits + levelBits)
  if (subLayers === 0) return
  const present = Array.from({ length: subLayers }, () => ({ profile: reader.flag(), level: reader.flag() }))
  reader.skip(2 * (8 - subLayers))
  for (const { profile, level } of present) reader.skip((profile ? profileBits : 0) + (level ? levelBits : 0))
}
