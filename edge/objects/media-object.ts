import { hash } from 'node:crypto'
import { maxStartIndexBytes } from '../../core/playback/start-bundle.ts'
import type { Lifetime } from './lifetime.ts'
import { isPlaylist, type ObjectClass } from './playback-request.ts'
import { commonHeaders, createRepresentation, gzipOf, type Representation } from './representation.ts'

/**
 * A successful response of an origin, ready to be sent any number of times. Times are ms of the edge's clock.
 */
export interface MediaObject {
  readonly key: string
  readonly class: ObjectClass
  readonly slug: string
  readonly sessionId: string
  /** Null for an object that is of a channel. */
  readonly rendition: string | null
  /** When the origin made the response. */
  readonly madeAt: number
  readonly freshUntil: number
  readonly usableWhileRefreshing: number
  readonly usableWhenFailing: number
  /** Length of the plain body, bytes. */
  readonly length: number
  readonly plain: Representation
  readonly isCompressible: boolean
  /**
   * Undefined until a viewer first accepts gzip; null when the body is not compressible, or gzip would not
   * make it shorter.
   */
  gzip: Representation | null | undefined
  /**
   * The same playlist without parts; this object itself when it has none. Undefined until overload control
   * first needs it. Only media playlists have one.
   */
  relaxed: MediaObject | undefined
  /** Number of responses that send the body now. `lend` counts them, only for long media. */
  borrowers: number
  /**
   * Whether the object was used lately. The cache sets it at each hit, and clears it when it looks for unused
   * objects.
   */
  wasUsed: boolean
}

export interface MediaObjectOptions {
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

/**
 * Header fields of playback responses. Pages of any origin may play, and their scripts may read the exposed
 * fields, such as Age.
 */
export const openHeaders = [
  'access-control-allow-origin',
  '*',
  'access-control-expose-headers',
  'Age, Content-Length, Content-Range, Date, ETag, Retry-After',
  'timing-allow-origin',
  '*',
  'x-content-type-options',
  'nosniff',
]

/** Minimum length from which a playlist is compressed, bytes. */
const minGzipBytes = 256

export function createMediaObject(options: MediaObjectOptions): MediaObject {
  const { key, slug, sessionId, rendition, body, madeAt, lifetime } = options
  const isText = isPlaylist(options.class)
  const isCompressible = isText && body.length >= minGzipBytes
  const headers = [
    ...openHeaders,
    'content-type',
    options.contentType ?? (isText ? 'application/vnd.apple.mpegurl' : 'video/mp4'),
    'cache-control',
    options.cacheControl ?? 'no-cache',
    ...(isText ? ['vary', 'Accept-Encoding'] : ['accept-ranges', 'bytes']),
  ]
  return {
    key,
    class: options.class,
    slug,
    sessionId,
    rendition,
    madeAt,
    freshUntil: madeAt + lifetime.freshMs,
    usableWhileRefreshing: madeAt + lifetime.whileRefreshingMs,
    usableWhenFailing: madeAt + lifetime.whenFailingMs,
    length: body.length,
    plain: createRepresentation(body, tagOf(options.class, body), headers),
    isCompressible,
    gzip: isCompressible ? undefined : null,
    relaxed: undefined,
    borrowers: 0,
    wasUsed: false,
  }
}

/** Returns a header field of an object; undefined when it has none. `name` is in lower case. */
export function headerOf({ plain: { headers } }: MediaObject, name: string): string | undefined {
  const at = headers.indexOf(name)
  return at < 0 ? undefined : headers[at + 1]
}

/** Copies a playlist with another text, as `withBody` does. */
export const withText = (object: MediaObject, text: string) => withBody(object, Buffer.from(text))

/**
 * Copies an object with another body. Times and header fields stay the same, except ETag and Content-Length.
 */
export function withBody(object: MediaObject, body: Buffer): MediaObject {
  const isCompressible = isPlaylist(object.class) && body.length >= minGzipBytes
  return {
    ...object,
    length: body.length,
    plain: createRepresentation(body, tagOf(object.class, body), commonHeaders(object.plain)),
    borrowers: 0,
    isCompressible,
    gzip: isCompressible ? undefined : null,
    relaxed: undefined,
  }
}

function tagOf(kind: ObjectClass, body: Buffer): string {
  if (isPlaylist(kind) || kind === 'picture') return changingTag(body)
  // The index at the start of a bundle names all files, so it identifies the bundle.
  return kind === 'start' ? changingTag(body.subarray(0, maxStartIndexBytes)) : mediaTag(body)
}

/** Returns the entity tag of media. Media under one URL never changes, so its length is enough. */
const mediaTag = (body: Buffer) => `"${body.length.toString(36)}"`
/** Returns the entity tag of what changes under one URL, and is short enough to be hashed. */
const changingTag = (body: Buffer) => `"${hash('sha1', body, 'base64url').slice(0, 16)}"`

/** Returns the gzip or plain representation. Compresses the body when gzip is first needed. */
export function representationOf(object: MediaObject, takesGzip: boolean): Representation {
  if (!takesGzip || object.gzip === null) return object.plain
  if (object.gzip === undefined) object.gzip = gzipOf(object.plain)
  return object.gzip ?? object.plain
}
