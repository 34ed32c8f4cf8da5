import { payloadLengthAt, tagHeaderBytes, tagTrailerBytes } from '../../core/media/flv-tag.ts'

/** Length of the file header with the size field after it. */
const fileHeaderBytes = 13
const signature = Buffer.from('FLV')
/** Bytes of a tag that say how long it is. */
const lengthBytes = 4

/**
 * Splits FLV in chunks of any length into tags (Adobe Flash Video File Format 10.1, annex E). A tag within
 * one chunk is not copied. A tag has at most 16 MB, so no more is held.
 */
export function createFlvReader(onTag: (tag: Buffer) => void) {
  let isBegun = false
  /** What is left of the previous chunks, and the number of bytes that complete it. */
  let held: Buffer[] = []
  let heldBytes = 0
  let wanted = fileHeaderBytes

  /** Returns the length of what begins at `at`, or as much as must be known for that. */
  function lengthAt(bytes: Buffer, at: number): number {
    if (!isBegun) return fileHeaderBytes
    if (bytes.length - at < lengthBytes) return lengthBytes
    return tagHeaderBytes + payloadLengthAt(bytes, at) + tagTrailerBytes
  }

  return {
    /** Reads the next bytes. @throws Error when they are not FLV. */
    push(chunk: Buffer): void {
      held.push(chunk)
      heldBytes += chunk.length
      if (heldBytes < wanted) return
      const bytes = held.length === 1 ? chunk : Buffer.concat(held)
      let at = 0
      wanted = lengthAt(bytes, at)
      while (bytes.length - at >= wanted) {
        const piece = bytes.subarray(at, at + wanted)
        at += wanted
        if (isBegun) onTag(piece)
        else if (!piece.subarray(0, signature.length).equals(signature))
          throw new Error('the source did not send FLV')
        isBegun = true
        wanted = lengthAt(bytes, at)
      }
      held = at < bytes.length ? [bytes.subarray(at)] : []
      heldBytes = bytes.length - at
    },
  }
}
