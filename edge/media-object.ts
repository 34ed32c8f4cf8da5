import { gzipSync } from 'node:zlib'
import type { Lifetime } from './lifetime.ts'
import { isPlaylist, type ObjectClass } from './policy.ts'

/** One way to send an object: the body, and the flat header list that goes with it. */
export interface Form {
  /** Small bodies are strings of one byte per character (latin1): node then writes head and body in one go, a fifth cheaper. */
  body: Buffer | string
  /** `[name, value, …]` as `writeHead` takes it; the first pair is Age. */
  headers: string[]
}

/** A good answer of an origin, ready to be sent any number of times. Times are ms of the edge's clock. */
export interface MediaObject {
  readonly key: string
  readonly class: ObjectClass
  readonly slug: string
  readonly sessionId: string
  /** When the origin made it. */
  readonly madeAt: number
  readonly freshUntil: number
  readonly usableWhileRefreshing: number
  readonly usableWhenFailing: number
  /** Length of the plain body, bytes. */
  readonly length: number
  readonly plain: Form
  readonly isCompressible: boolean
  /** Made when the first viewer asks for it; null while nobody did, or when it would not be smaller. */
  gzip: Form | null | undefined
  /** Age that stands in the header lists, s. */
  age: number
  /** Set by each use, cleared by the cache when it looks for something to evict. */
  wasUsed: boolean
}

export interface MediaObjectParts {
  key: string
  class: ObjectClass
  slug: string
  sessionId: string
  body: Buffer
  contentType: string | undefined
  cacheControl: string | undefined
  madeAt: number
  lifetime: Lifetime
}

/** Sent with every answer: playback is open to pages of any origin, and hls.js must be able to read Age. */
export const openHeaders = [
  'access-control-allow-origin',
  '*',
  'access-control-expose-headers',
  'Age, Content-Length, Date, Retry-After',
  'timing-allow-origin',
  '*',
  'x-content-type-options',
  'nosniff',
]

/** Below this a gzip header costs more than it saves, bytes. */
const gzipFrom = 256

/** Head and body together fit into the buffer that node tries to write at once (16 KB), bytes. */
const stringUpTo = 15_000

const packed = (body: Buffer) => (body.length > stringUpTo ? body : body.toString('latin1'))

export function createMediaObject(parts: MediaObjectParts): MediaObject {
  const { key, slug, sessionId, body, madeAt, lifetime } = parts
  const isText = isPlaylist(parts.class)
  const isCompressible = isText && body.length >= gzipFrom
  const headers = [
    'age',
    '0',
    ...openHeaders,
    'content-type',
    parts.contentType ?? (isText ? 'application/vnd.apple.mpegurl' : 'video/mp4'),
    'cache-control',
    parts.cacheControl ?? 'no-cache',
  ]
  if (isText) headers.push('vary', 'Accept-Encoding')
  headers.push('content-length', String(body.length))
  return {
    key,
    class: parts.class,
    slug,
    sessionId,
    madeAt,
    freshUntil: madeAt + lifetime.freshMs,
    usableWhileRefreshing: madeAt + lifetime.whileRefreshingMs,
    usableWhenFailing: madeAt + lifetime.whenFailingMs,
    length: body.length,
    plain: { body: packed(body), headers },
    isCompressible,
    gzip: isCompressible ? undefined : null,
    age: 0,
    wasUsed: false,
  }
}

/** The form for a viewer, its Age true at `now`. The header list is shared: use it before the next call. */
export function formOf(object: MediaObject, wantsGzip: boolean, now: number): Form {
  if (wantsGzip && object.gzip === undefined) object.gzip = compress(object.plain)
  const age = Math.max(0, Math.floor((now - object.madeAt) / 1000))
  if (age !== object.age) {
    object.age = age
    object.plain.headers[1] = String(age)
  }
  const form = (wantsGzip && object.gzip) || object.plain
  form.headers[1] = object.plain.headers[1] ?? '0'
  return form
}

/** Compresses once for all viewers; playlists are a few KB, so this takes less than the hand-over to a thread. */
function compress(plain: Form): Form | null {
  const whole = typeof plain.body === 'string' ? Buffer.from(plain.body, 'latin1') : plain.body
  const body = gzipSync(whole, { level: 6 })
  if (body.length >= whole.length) return null
  const headers = [...plain.headers, 'content-encoding', 'gzip']
  headers[headers.indexOf('content-length') + 1] = String(body.length)
  return { body: packed(body), headers }
}

/** Whether `Accept-Encoding` allows gzip (RFC 9110 12.5.3). */
export function acceptsGzip(acceptEncoding: string | string[] | undefined): boolean {
  if (typeof acceptEncoding !== 'string' || !acceptEncoding.includes('gzip')) return false
  return !/gzip\s*;\s*q=0(?:\.0*)?\s*(?:,|$)/.test(acceptEncoding)
}
