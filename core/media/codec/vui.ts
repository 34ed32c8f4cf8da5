import type { BitReader } from './bit-reader.ts'
import { transferOf, type VideoFormat } from './video-format.ts'

/** Traits in the first fields of the VUI, which H.264 (annex E.1.1) and HEVC (annex E.2.1) have in common. */
export type PictureTraits = Pick<VideoFormat, 'pixelAspect' | 'transfer'>

export const plainTraits: PictureTraits = { pixelAspect: 1, transfer: 'sdr' }

/** Width and height of a pixel by aspect_ratio_idc (H.264 table E-1). Index 0 means unspecified. */
const aspectRatios = [
  [1, 1],
  [1, 1],
  [12, 11],
  [10, 11],
  [16, 11],
  [40, 33],
  [24, 11],
  [20, 11],
  [32, 11],
  [80, 33],
  [18, 11],
  [15, 11],
  [64, 33],
  [160, 99],
  [4, 3],
  [3, 2],
  [2, 1],
] as const
const extendedSar = 255
/** Maximum plausible aspect ratio of a pixel. The minimum is its inverse. */
const maxAspect = 8

/** Reads the VUI up to the chroma location. @throws RangeError when it is truncated */
export function readPictureTraits(reader: BitReader): PictureTraits {
  const pixelAspect = reader.flag() ? readAspectRatio(reader) : 1
  if (reader.flag()) reader.skip(1) // overscan_appropriate_flag
  const transfer = reader.flag() ? readTransfer(reader) : 'sdr'
  if (reader.flag()) {
    reader.ue() // chroma_sample_loc_type_top_field
    reader.ue()
  }
  return { pixelAspect, transfer }
}

function readAspectRatio(reader: BitReader): number {
  const index = reader.bits(8)
  const [width, height] =
    index === extendedSar ? [reader.bits(16), reader.bits(16)] : (aspectRatios[index] ?? [1, 1])
  const aspect = width > 0 && height > 0 ? width / height : 1
  return aspect > maxAspect || aspect < 1 / maxAspect ? 1 : aspect
}

function readTransfer(reader: BitReader): VideoFormat['transfer'] {
  reader.skip(4) // video_format, video_full_range_flag
  if (!reader.flag()) return 'sdr'
  reader.skip(8) // colour_primaries
  const transfer = transferOf(reader.bits(8))
  reader.skip(8) // matrix_coefficients
  return transfer
}
