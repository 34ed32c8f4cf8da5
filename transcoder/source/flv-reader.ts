import { payloadLengthAt, tagHeaderBytes, tagTrailerBytes } from '../../core/media/flv-tag.ts'

/** Length of the file header with the size field after it. */
const fileHeaderBytes = 13
const signature = Buffer.from('FLV')
/** Bytes of a tag that say how long it is. */
const lengthBytes = 4

/**
 * Splits FLV in chunks of any length into tags (Adobe Flash Video File Format 10.1, annex E). A tag within one
 * chunk is not copied. A tag has at most 16 MB, so no more is held.
 */
export function createFlvReader(onTag: (tag: Buffer) => void) {
  let isBegun = false
  /** Beginning of what is not complete yet, and its whole length. */
  let pieces: Buffer[] = []
  let held = 0
  let wanted = fileHeaderBytes

  /** Takes `wanted` bytes that start at `at`; undefined when they are not complete, and are held then. */
  function take(chunk: Buffer, at: number): Buffer | undefined {
    const needed = wanted - held
    const piece = chunk.subarray(at, at + needed)
    if (piece.length < needed) {
      pieces.push(piece)
      held += piece.length
      return undefined
    }
    if (pieces.length === 0) return piece
    const whole = Buffer.concat([...pieces, piece])
    pieces = []
    held = 0
    return whole
  }

  /** Handles a complete piece: the file header, the length of a tag, or a tag. */
  function handle(bytes: Buffer) {
    if (!isBegun) {
      if (!bytes.subarray(0, 3).equals(signature)) throw new Error('the source did not send FLV')
      isBegun = true
      wanted = lengthBytes
    } else if (wanted === lengthBytes) {
      wanted = tagHeaderBytes + payloadLengthAt(bytes, 0) + tagTrailerBytes
      pieces = [bytes]
      held = bytes.length
    } else {
      wanted = lengthBytes
      onTag(bytes)
    }
  }

  return {
    /** Reads the next bytes. @throws Error when they are not FLV. */
    push(chunk: Buffer): void {
      for (let at = 0; at < chunk.length; ) {
        const start = at
        // A tag that is complete in this chunk is taken from it as it is.
        if (isBegun && held === 0 && chunk.length - at >= lengthBytes) {
          const length = tagHeaderBytes + payloadLengthAt(chunk, at) + tagTrailerBytes
          if (at + length <= chunk.length) {
            onTag(chunk.subarray(at, at + length))
            at += length
            continue
          }
        }
        const before = held
        const size = wanted
        const bytes = take(chunk, at)
        at = bytes === undefined ? chunk.length : start + size - before
        if (bytes !== undefined) handle(bytes)
      }
    },
  }
}
