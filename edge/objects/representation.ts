import { gzipSync } from 'node:zlib'

/** One form of a response body with its header fields (RFC 9110 8), such as plain or gzip. */
export interface Representation {
  body: Buffer
  /** `[name, value, …]` without Age and Date, which change. Content-Length is the last field. */
  readonly headers: readonly string[]
  readonly etag: string
  /** `headers` as lines of an HTTP/1.1 response head. */
  readonly headerText: string
  /** A whole HTTP/1.1 response, or only its head when the body is long. Valid until `readyUntil`. */
  ready: Buffer
  /** Length of the head in `ready`, bytes. */
  readyHead: number
  /** When Age or Date in `ready` will be wrong, ms of the edge's clock. */
  readyUntil: number
}

/** Maximum length of a body that is copied behind its head, bytes, so that one write sends both. */
const maxInlineBytes = 16_384

const nothing = Buffer.alloc(0)

/**
 * Creates a representation that is not ready yet. `headers` is flat and has no ETag or Content-Length, which
 * are added here.
 */
export function createRepresentation(body: Buffer, etag: string, headers: readonly string[]): Representation {
  const all = [...headers, 'etag', etag, 'content-length', String(body.length)]
  return {
    body,
    headers: all,
    etag,
    headerText: headerLines(all),
    ready: nothing,
    readyHead: 0,
    readyUntil: 0,
  }
}

/** Returns flat headers, `[name, value, …]`, as lines of an HTTP/1.1 head. */
export function headerLines(headers: readonly string[]): string {
  let text = ''
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`
  return text
}

/** Returns the fields of a representation without ETag and Content-Length, for another body. */
export const commonHeaders = ({ headers }: Representation) => headers.slice(0, headers.indexOf('etag'))

/** Whether `ready` contains the body. */
export const isInline = ({ body }: Representation) => body.length <= maxInlineBytes

/**
 * Returns the Age of a response (RFC 9111 5.1), whole seconds. `madeAt` and `time` are ms of the edge's
 * clock.
 */
export const ageOf = (madeAt: number, time: number) => Math.max(0, Math.floor((time - madeAt) / 1000))

/**
 * Makes `ready` again if Age or Date has changed, which is about twice a second for any number of clients.
 * The old buffer is not changed, because slow clients may still be reading it.
 */
export function makeReady(representation: Representation, madeAt: number, time: number): void {
  if (time < representation.readyUntil) return
  const age = ageOf(madeAt, time)
  const wall = Date.now()
  const date = new Date(wall).toUTCString()
  const head = `HTTP/1.1 200 OK\r\nage: ${age}\r\n${representation.headerText}date: ${date}\r\n\r\n`
  const length = head.length + (isInline(representation) ? representation.body.length : 0)
  const ready = Buffer.allocUnsafeSlow(length)
  ready.write(head, 0, 'latin1')
  if (isInline(representation)) {
    representation.body.copy(ready, head.length)
    // Releases the separate body, so that a small body is in memory only once.
    representation.body = ready.subarray(head.length)
  }
  representation.ready = ready
  representation.readyHead = head.length
  representation.readyUntil = Math.min(madeAt + (age + 1) * 1000, time + 1000 - (wall % 1000))
}

/**
 * Compresses a plain representation, synchronously because playlists are short. Returns null when gzip would
 * not be smaller.
 */
export function gzipOf(plain: Representation): Representation | null {
  const packed = gzipSync(plain.body, { level: 6 })
  if (packed.length >= plain.body.length) return null
  const etag = `${plain.etag.slice(0, -1)}-gzip"`
  return createRepresentation(packed, etag, [...commonHeaders(plain), 'content-encoding', 'gzip'])
}
