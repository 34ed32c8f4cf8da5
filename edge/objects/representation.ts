import { gzipSync } from 'node:zlib'

/** One way to send an object: its body, and what goes before it. */
export interface Form {
  body: Buffer
  /** `[name, value, …]` without Age and Date, which change. */
  readonly headers: readonly string[]
  readonly etag: string
  /** The same headers as they stand in an HTTP/1.1 answer. */
  readonly headerText: string
  /** A whole answer, or only its head when the body is long; good until `readyUntil` (ms of the edge's clock). */
  ready: Buffer
  /** Length of the head in `ready`, bytes. */
  readyHead: number
  readyUntil: number
}

/** Up to this length a body is copied behind its head, so that both leave in one write, bytes. */
const inlineUpTo = 16_384

const nothing = Buffer.alloc(0)

export function createForm(body: Buffer, etag: string, headers: readonly string[]): Form {
  const all = [...headers, 'etag', etag, 'content-length', String(body.length)]
  return {
    body,
    headers: all,
    etag,
    headerText: headerText(all),
    ready: nothing,
    readyHead: 0,
    readyUntil: 0,
  }
}

/** Header fields as lines of an HTTP/1.1 head. */
export function headerText(headers: readonly string[]): string {
  let text = ''
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`
  return text
}

export const isInline = ({ body }: Form) => body.length <= inlineUpTo

/** Age of an answer (RFC 9111 5.1), whole s. */
export const ageOf = (madeAt: number, time: number) => Math.max(0, Math.floor((time - madeAt) / 1000))

/**
 * Brings `ready` up to date: made anew only when Age or Date changed, twice a second at most however many ask. It is never
 * changed in place, because slow viewers may still be reading the last one.
 */
export function makeReady(form: Form, madeAt: number, time: number): void {
  if (time < form.readyUntil) return
  const age = ageOf(madeAt, time)
  const wall = Date.now()
  const head = `HTTP/1.1 200 OK\r\nage: ${age}\r\n${form.headerText}date: ${new Date(wall).toUTCString()}\r\n\r\n`
  const length = head.length + (isInline(form) ? form.body.length : 0)
  const ready = Buffer.allocUnsafeSlow(length)
  ready.write(head, 0, 'latin1')
  if (isInline(form)) {
    form.body.copy(ready, head.length)
    // The former copy is free to go, so that a small body is held once only.
    form.body = ready.subarray(head.length)
  }
  form.ready = ready
  form.readyHead = head.length
  form.readyUntil = Math.min(madeAt + (age + 1) * 1000, time + 1000 - (wall % 1000))
}

/** The gzip form of a plain one, made once for all viewers: playlists are a few KB; null when it would not be smaller. */
export function gzipForm({ body, etag, headers }: Form): Form | null {
  const packed = gzipSync(body, { level: 6 })
  if (packed.length >= body.length) return null
  const kept = headers.slice(0, headers.indexOf('etag'))
  return createForm(packed, `${etag.slice(0, -1)}-gzip"`, [...kept, 'content-encoding', 'gzip'])
}
