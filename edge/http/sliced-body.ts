/** The part of a stream that `endSliced` needs, for HTTP/1.1 and HTTP/2. */
export interface BodyStream {
  readonly destroyed: boolean
  write(chunk: Buffer, onTaken: (error?: Error | null) => void): unknown
  end(chunk: Buffer): unknown
}

/** Maximum length of a slice, bytes. */
const sliceBytes = 131_072

/**
 * Writes a body and ends the stream, one slice at a time. TLS keeps a copy of everything that was written and
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
