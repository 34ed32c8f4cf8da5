import { hash } from 'node:crypto'
import type { Lifetime } from './lifetime.ts'
import { isPlaylist, type ObjectClass } from './playback-request.ts'
import { createForm, type Form, gzipForm } from './representation.ts'

/** A good answer of an origin, ready to be sent any number of times. Times are ms of the edge's clock. */
export interface MediaObject {
  readonly key: string
  readonly class: ObjectClass
  readonly slug: string
  readonly sessionId: string
  /** Null of a multivariant playlist. */
  readonly rendition: string | null
  /** When the origin made it. */
  readonly madeAt: number
  readonly freshUntil: number
  readonly usableWhileRefreshing: number
  readonly usableWhenFailing: number
  /** Length of the plain body, bytes. */
  readonly length: number
  readonly plain: Form
  readonly isCompressible: boolean
  /** Made when the first viewer asks for it; null when it would not be smaller. */
  gzip: Form | null | undefined
  /** The same without parts, made when it is first wanted; only playlists have one. */
  relaxed: MediaObject | undefined
  /** Answers with its body that are on their way. */
  readers: number
  /** Set by each use, cleared by the cache when it looks for something to evict. */
  wasUsed: boolean
}

export interface MediaObjectParts {
  key: string
  class: ObjectClass
  slug: string
  sessionId: string
  rendition: string | null
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

export function createMediaObject(parts: MediaObjectParts): MediaObject {
  const { key, slug, sessionId, rendition, body, madeAt, lifetime } = parts
  const isText = isPlaylist(parts.class)
  const isCompressible = isText && body.length >= gzipFrom
  const headers = [
    ...openHeaders,
    'content-type',
    parts.contentType ?? (isText ? 'application/vnd.apple.mpegurl' : 'video/mp4'),
    'cache-control',
    parts.cacheControl ?? 'no-cache',
    ...(isText ? ['vary', 'Accept-Encoding'] : ['accept-ranges', 'bytes']),
  ]
  return {
    key,
    class: parts.class,
    slug,
    sessionId,
    rendition,
    madeAt,
    freshUntil: madeAt + lifetime.freshMs,
    usableWhileRefreshing: madeAt + lifetime.whileRefreshingMs,
    usableWhenFailing: madeAt + lifetime.whenFailingMs,
    length: body.length,
    plain: createForm(body, isText ? playlistTag(body) : mediaTag(body), headers),
    isCompressible,
    gzip: isCompressible ? undefined : null,
    relaxed: undefined,
    readers: 0,
    wasUsed: false,
  }
}

/** The same playlist with another text. */
export function withBody(object: MediaObject, body: Buffer): MediaObject {
  const headers = object.plain.headers.slice(0, object.plain.headers.indexOf('etag'))
  const isCompressible = body.length >= gzipFrom
  return {
    ...object,
    length: body.length,
    plain: createForm(body, playlistTag(body), headers),
    isCompressible,
    gzip: isCompressible ? undefined : null,
  }
}

/** Media under one URL never changes, so its length says all; playlists do, and are short enough to be hashed. */
const mediaTag = (body: Buffer) => `"${body.length.toString(36)}"`
export const playlistTag = (body: Buffer) => `"${hash('sha1', body, 'base64url').slice(0, 16)}"`

/** The form for a viewer. */
export function formOf(object: MediaObject, takesGzip: boolean): Form {
  if (!takesGzip || object.gzip === null) return object.plain
  if (object.gzip === undefined) object.gzip = gzipForm(object.plain)
  return object.gzip ?? object.plain
}
