/** The methods of an HTTP/1.1 response or HTTP/2 stream that `endSliced` uses. */
export interface BodyStream {
  readonly destroyed: boolean
  write(chunk: Buffer, onTaken: (error?: Error | null) => void): unknown
  end(chunk: Buffer): unknown
}

/** Maximum length of a slice, bytes. */
const sliceBytes = 131_072

/**
 * Writes a body in slices and ends the stream. A TLS stream keeps a copy of all bytes that were written and
 * that the client has not taken yet. Slices keep that copy short.
 */
export function endSliced(stream: BodyStream, body: Buffer): void {
  let at = 0
  const next = (error?: Error | null) => {
    if (error || stream.destroyed) return
    const slice = body.subarray(at, at + sliceBytes)
    at += sliceBytes
    if (at >= body.length) stream.end(slice)
    else stream.write(slice, next)
  }
  next()
}
