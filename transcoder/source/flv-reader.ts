import { payloadLengthAt, tagHeaderBytes, tagTrailerBytes } from '../../core/media/flv-tag.ts'

/** Length of the file header and the size field after it, bytes. */
const fileHeaderBytes = 13
const signature = Buffer.from('FLV')
/** Number of bytes at the start of a tag that must be read to know its length. */
const lengthBytes = 4

/**
 * Creates a reader that splits FLV in chunks of any length into tags (Adobe Flash Video File Format 10.1,
 * annex E). Every tag is a copy, because the memory of chunks is used again. A tag has at most 16 MB, so no
 * more is held.
 */
export function createFlvReader(onTag: (tag: Buffer) => void) {
  const start = Buffer.alloc(lengthBytes)
  let startFilled = 0
  /** The file header or tag that is being received; undefined while the length of the next tag is unknown. */
  let piece: Buffer | undefined = Buffer.alloc(fileHeaderBytes)
  let filled = 0
  let isBegun = false

  /** Collects the bytes that show the length of the next tag. Returns the number of bytes that it used. */
  function beginPiece(chunk: Buffer, at: number): number {
    const used = chunk.copy(start, startFilled, at)
    startFilled += used
    if (startFilled < lengthBytes) return used
    piece = Buffer.allocUnsafe(tagHeaderBytes + payloadLengthAt(start, 0) + tagTrailerBytes)
    filled = start.copy(piece)
    startFilled = 0
    return used
  }

  function fillPiece(into: Buffer, chunk: Buffer, at: number): number {
    const used = chunk.copy(into, filled, at)
    filled += used
    if (filled === into.length) endPiece(into)
    return used
  }

  function endPiece(ended: Buffer) {
    piece = undefined
    if (isBegun) return onTag(ended)
    if (!ended.subarray(0, signature.length).equals(signature)) throw new Error('the source did not send FLV')
    isBegun = true
  }

  return {
    /** Parses the next bytes. @throws Error when the source did not send FLV */
    push(chunk: Buffer): void {
      let at = 0
      while (at < chunk.length)
        at += piece === undefined ? beginPiece(chunk, at) : fillPiece(piece, chunk, at)
    },
  }
}
