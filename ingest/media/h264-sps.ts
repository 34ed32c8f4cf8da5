import { BitReader, withoutEmulationPrevention } from '../../core/media/bit-reader.ts'

/** What a sequence parameter set tells of the picture. */
export interface PictureFormat {
  /** Size as shown, after cropping, pixels. */
  width: number
  height: number
  chromaFormat: number
  bitDepth: number
  /** Frames per second by the stream's own timing; null when it tells none. */
  fps: number | null
}

/** Profiles whose parameter set carries chroma format and bit depth (H.264 section 7.3.2.1.1). */
const highProfiles = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]

/** Reads an H.264 sequence parameter set (section 7.3.2.1.1), NAL header included. @throws RangeError when it is cut short or absurd. */
export function parseH264Sps(nal: Uint8Array): PictureFormat {
  const reader = new BitReader(withoutEmulationPrevention(nal))
  reader.skip(8)
  const profile = reader.bits(8)
  reader.skip(16) // constraint flags, level
  reader.ue() // seq_parameter_set_id
  let chromaFormat = 1
  let bitDepth = 8
  let separatePlanes = false
  if (highProfiles.includes(profile)) {
    chromaFormat = reader.ue()
    if (chromaFormat === 3) separatePlanes = reader.flag()
    bitDepth = Math.max(reader.ue(), reader.ue()) + 8
    reader.skip(1) // qpprime_y_zero_transform_bypass_flag
    if (reader.flag()) skipScalingLists(reader, chromaFormat === 3 ? 12 : 8)
  }
  reader.ue() // log2_max_frame_num_minus4
  skipPictureOrder(reader)
  reader.ue() // max_num_ref_frames
  reader.skip(1) // gaps_in_frame_num_value_allowed_flag
  const widthInMbs = reader.ue() + 1
  const heightInMapUnits = reader.ue() + 1
  const framesOnly = reader.flag()
  if (!framesOnly) reader.skip(1) // mb_adaptive_frame_field_flag
  reader.skip(1) // direct_8x8_inference_flag
  const fieldFactor = framesOnly ? 1 : 2
  const subsampled = !separatePlanes
  const cropX = subsampled && (chromaFormat === 1 || chromaFormat === 2) ? 2 : 1
  const cropY = (subsampled && chromaFormat === 1 ? 2 : 1) * fieldFactor
  const crop = reader.flag() ? [reader.ue(), reader.ue(), reader.ue(), reader.ue()] : [0, 0, 0, 0]
  const [left = 0, right = 0, top = 0, bottom = 0] = crop
  const width = widthInMbs * 16 - (left + right) * cropX
  const height = heightInMapUnits * 16 * fieldFactor - (top + bottom) * cropY
  if (width <= 0 || height <= 0 || width > 16_384 || height > 16_384)
    throw new RangeError(`picture size ${width}x${height} makes no sense`)
  return { width, height, chromaFormat, bitDepth, fps: reader.flag() ? readVuiTiming(reader) : null }
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

/** Frame rate of the VUI (annex E.1.1); a tick is a field, two make a frame. */
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
    // A parameter set that ends inside its VUI still tells the size.
    return null
  }
}
