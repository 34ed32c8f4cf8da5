import type { BitReader } from './bit-reader.ts'

/** Maximum plausible width and height, pixels. */
const maxPictureSize = 16_384

/** Coded size and chroma format in a sequence parameter set of H.264 or HEVC. */
export interface CodedPicture {
  width: number
  height: number
  /** `chroma_format_idc`: 0 is monochrome, 1 is 4:2:0, 2 is 4:2:2, 3 is 4:4:4. */
  chromaFormat: number
  hasSeparatePlanes: boolean
  /** 2 when the source may contain fields, each with every other row of the picture; otherwise 1. */
  rowsPerFieldRow: 1 | 2
}

/**
 * Reads the cropping offsets. Returns the size after cropping, pixels (H.264 section 7.4.2.1.1, H.265 section
 * 7.4.3.2.1). @throws RangeError when the offsets are truncated or the size is implausible
 */
export function readDisplayedSize(
  reader: BitReader,
  { width, height, chromaFormat, hasSeparatePlanes, rowsPerFieldRow }: CodedPicture,
): { width: number; height: number } {
  const isHalfWidth = !hasSeparatePlanes && (chromaFormat === 1 || chromaFormat === 2)
  const isHalfHeight = !hasSeparatePlanes && chromaFormat === 1
  const unitX = isHalfWidth ? 2 : 1
  const unitY = (isHalfHeight ? 2 : 1) * rowsPerFieldRow
  const isCropped = reader.flag()
  const [left, right, top, bottom] = isCropped
    ? [reader.ue(), reader.ue(), reader.ue(), reader.ue()]
    : [0, 0, 0, 0]
  const displayed = { width: width - (left + right) * unitX, height: height - (top + bottom) * unitY }
  if (Math.min(displayed.width, displayed.height) <= 0) throw absurd(displayed)
  if (Math.max(displayed.width, displayed.height) > maxPictureSize) throw absurd(displayed)
  return displayed
}

const absurd = ({ width, height }: { width: number; height: number }) =>
  new RangeError(`picture size ${width}x${height} is not plausible`)
