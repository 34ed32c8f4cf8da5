import { payloadLengthAt, tagHeaderBytes, tagTrailerBytes } from '../../core/media/flv-tag.ts'

/** Length of the file header and the size field after it, bytes. */
const fileHeaderBytes = 13
const signature = Buffer.from('FLV')
/** Number of bytes at the start of a tag that must be read to know its length. */
const lengthBytes = 4

/**
 * Creates a function that splits FLV, in chunks of any length, into tags (Adobe Flash Video File Format 10.1,
 * annex E). A tag within one chunk is not copied. The length field of a tag has 24 bits, so at most 16 MB are
 * held.
 */
export function createFlvReader(onTag: (tag: Buffer) => void) {
  let isBegun = false
  /** Bytes of the previous chunks that wait for the rest of a tag. With `wanted` bytes it is complete. */
  let held: Buffer[] = []
  let heldBytes = 0
  let wanted = fileHeaderBytes

  /**
   * Returns the length of the header or tag at `at`; or, if too little of it is there, the length that shows
   * it.
   */
  function lengthAt(bytes: Buffer, at: number): number {
    if (!isBegun) return fileHeaderBytes
    if (bytes.length - at < lengthBytes) return lengthBytes
    return tagHeaderBytes + payloadLengthAt(bytes, at) + tagTrailerBytes
  }

  return {
    /** Parses the next bytes. @throws Error when they are not FLV */
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
