import type { ViewerResponse } from './client.ts'

/** What a viewer reads from the head of a response. */
export interface ResponseHead {
  response: Pick<ViewerResponse, 'status' | 'ageSeconds' | 'retryAfterSeconds'>
  /** Where the body begins, bytes from the start of the response. */
  bodyFrom: number
  /** Length of the body, bytes; undefined when it comes in chunks. */
  bodyBytes: number | undefined
}

/** Parses the head of a response (RFC 9112); undefined while it is not complete. */
export function readResponseHead(bytes: Buffer): ResponseHead | undefined {
  const end = bytes.indexOf('\r\n\r\n', 0, 'latin1')
  if (end < 0) return undefined
  const head = bytes.toString('latin1', 0, end)
  const isChunked = /\r\ntransfer-encoding: *chunked/i.test(head)
  return {
    response: {
      status: Number(head.slice(9, 12)),
      ageSeconds: Number(/\r\nage: *(\d+)/i.exec(head)?.[1] ?? 0),
      retryAfterSeconds: Number(/\r\nretry-after: *(\d+)/i.exec(head)?.[1] ?? Number.NaN),
    },
    bodyFrom: end + 4,
    bodyBytes: isChunked ? undefined : Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0),
  }
}

/**
 * Joins a body that comes in chunks (RFC 9112 7.1) and begins at `from`; undefined while it is not complete.
 */
export function joinChunked(bytes: Buffer, from: number): Buffer | undefined {
  const chunks: Buffer[] = []
  for (let at = from; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at, 'latin1')
    if (lineEnd < 0) return undefined
    const length = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    const end = lineEnd + 2 + length
    if (bytes.length < end + 2) return undefined
    if (length === 0) return Buffer.concat(chunks)
    chunks.push(bytes.subarray(lineEnd + 2, end))
    at = end + 2
  }
}
