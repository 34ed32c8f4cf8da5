/** The part of a stream that `endSliced` needs, for HTTP/1.1 and HTTP/2. */
export interface BodyStream {
  readonly destroyed: boolean
  write(chunk: Buffer, onTaken: (error?: Error | null) => void): unknown
  end(chunk: Buffer): unknown
}

/** Maximum part of a body that TLS is handed at a time, bytes. */
const sliceBytes = 131_072

/**
 * Ends a stream with a body, one slice at a time. TLS keeps a copy of everything that the client has not
 * taken yet, while plain sockets share one body among all viewers.
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
