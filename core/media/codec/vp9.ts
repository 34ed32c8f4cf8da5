import { BitReader } from './bit-reader.ts'
import { transferOf, type VideoFormat } from './video-format.ts'

/** Chroma formats by chromaSubsampling. The first two differ only in the position of the chroma samples. */
const chromaFormats = ['4:2:0', '4:2:0', '4:2:2', '4:4:4'] as const

const twoDigits = (value: number) => String(value).padStart(2, '0')

/**
 * Parses a VPCodecConfigurationRecord ("VP Codec ISO Media File Format Binding"), version and flags included.
 * The record has no picture size, so width and height are 0 until `withKeyframe`.
 * @throws RangeError when the record is malformed
 */
export function parseVp9Config(record: Buffer): VideoFormat {
  if (record.length < 9 || record[0] !== 1) throw new RangeError('VP9 configuration is malformed')
  const depthAndChroma = record.readUInt8(6)
  const bitDepth = depthAndChroma >> 4
  const chroma = (depthAndChroma >> 1) & 7
  const parts = [record.readUInt8(4), record.readUInt8(5), bitDepth].map(twoDigits)
  return {
    codec: 'vp9',
    codecString: `vp09.${parts.join('.')}`,
    width: 0,
    height: 0,
    fps: null,
    pixelAspect: 1,
    bitDepth,
    chroma: chromaFormats[chroma] ?? '4:4:4',
    isInterlaced: false,
    transfer: transferOf(record.readUInt8(8)),
  }
}

const syncCode = 0x498342
const srgb = 7

/**
 * Parses the picture size in a VP9 keyframe (VP9 specification section 6.2). @throws RangeError when it is
 * malformed
 */
export function parseVp9KeyframeSize(frame: Uint8Array): { width: number; height: number } {
  const reader = new BitReader(frame)
  reader.skip(2) // frame_marker
  const profile = reader.bits(1) + reader.bits(1) * 2
  if (profile === 3) reader.skip(1)
  reader.skip(4) // show_existing_frame, frame_type, show_frame, error_resilient_mode
  if (reader.bits(24) !== syncCode) throw new RangeError('VP9 keyframe is malformed')
  if (profile >= 2) reader.skip(1)
  const hasSubsampling = profile % 2 === 1
  if (reader.bits(3) !== srgb) reader.skip(1 + (hasSubsampling ? 3 : 0))
  else if (hasSubsampling) reader.skip(1)
  return { width: reader.bits(16) + 1, height: reader.bits(16) + 1 }
}
