/** Maximum size of a picture, bytes. One of 640 pixels has about 40 kB. */
const maxBytes = 1024 * 1024
/** Markers at the start and the end of a picture. Its data cannot contain the second (ITU-T T.81, B.1.1). */
const [startMarker, endMarker] = [Buffer.from('ffd8', 'hex'), Buffer.from('ffd9', 'hex')]

/**
 * Creates a reader of JPEG pictures that follow one another without anything between. `push` takes the bytes
 * as they come, and throws when they are no pictures, or one is larger than `maxBytes`.
 */
export function createJpegReader(onPicture: (jpeg: Buffer) => void) {
  let pending: Buffer = Buffer.alloc(0)

  return {
    push(chunk: Buffer): void {
      // A marker may be divided between two chunks.
      let searchFrom = Math.max(0, pending.length - 1)
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
      for (;;) {
        if (pending.length >= 2 && !pending.subarray(0, 2).equals(startMarker)) throw new Error('no picture')
        const end = pending.indexOf(endMarker, searchFrom)
        if (end < 0) break
        onPicture(Buffer.from(pending.subarray(0, end + 2)))
        pending = pending.subarray(end + 2)
        searchFrom = 0
      }
      if (pending.length > maxBytes) throw new Error(`a picture has more than ${maxBytes} bytes`)
    },
  }
}
