/** What this needs of a stream. */
export interface BodyStream {
  readonly destroyed: boolean
  write(chunk: Buffer, onTaken: (error?: Error | null) => void): unknown
  end(chunk: Buffer): unknown
}

/** At most so much of one body is handed to TLS at a time, bytes. */
const sliceBytes = 131_072

/**
 * Ends a stream with a body, a slice at a time. TLS keeps a copy of all that it was given and the viewer has not taken, while plain
 * sockets share one body among all viewers: so it is given little.
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
