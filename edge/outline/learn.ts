import { maxStartIndexBytes, parseStartIndex } from '../../core/playback/start-bundle.ts'
import { lifetimeOf } from '../objects/lifetime.ts'
import { createMediaObject, headerOf, type MediaObject } from '../objects/media-object.ts'
import type { PlaybackRequest } from '../objects/playback-request.ts'
import type { KnownMedia } from './known-media.ts'

/** What the caller of `learn` must do in the cache. */
interface Learned {
  /**
   * Whether the object itself should be cached. Playlists that could be read are cached in their forms
   * instead.
   */
  isKept: boolean
  /** Keys of cached playlists that are not the newest ones any more, so they must be removed. */
  outdated: string[]
}

/**
 * Updates what is known of a session from an object that has just arrived from the origin. `time`: ms of the
 * edge's clock.
 */
export function learn(
  media: KnownMedia,
  { path }: PlaybackRequest,
  object: MediaObject,
  time: number,
): Learned {
  if (path.kind === 'playlist') {
    const known = media.arrived(path.rendition)
    const isRead = known.learn(object, time)
    if (known.outline !== undefined) media.inform(known.outline.others)
    return { isKept: !isRead, outdated: known.takeOutdated() }
  }
  if (path.kind === 'multivariant') media.readNames(object.plain.body.toString())
  else if (path.kind === 'start') return { isKept: true, outdated: learnBundle(media, object, time) }
  else if (path.kind === 'part') {
    const known = media.of(path.rendition)
    known?.give({ msn: path.msn, part: path.part })
    return { isKept: true, outdated: known?.takeOutdated() ?? [] }
  }
  return { isKept: true, outdated: [] }
}

/** Reads the playlists in a start bundle. Returns the keys of cached playlists that are older. */
function learnBundle(media: KnownMedia, bundle: MediaObject, time: number): string[] {
  const { body } = bundle.plain
  const end = body.subarray(0, maxStartIndexBytes).indexOf('\n')
  const files = end < 0 ? [] : (parseStartIndex(body.toString('utf8', 0, end))?.files ?? [])
  const folder = bundle.key.slice(0, bundle.key.lastIndexOf('/') + 1)
  const outdated: string[] = []
  let at = end + 1
  for (const [uri, length] of files) {
    const file = body.subarray(at, at + length)
    at += length
    const rendition = new RegExp(`^${bundle.sessionId}/([a-z0-9-]{1,32})\\.m3u8$`).exec(uri)?.[1]
    if (uri === 'index.m3u8') media.readNames(file.toString())
    if (rendition === undefined) continue
    const known = media.arrived(rendition)
    known.learn(playlistOf(bundle, { key: folder + uri, rendition, body: Buffer.from(file) }), time)
    if (known.outline !== undefined) media.inform(known.outline.others)
    outdated.push(...known.takeOutdated())
  }
  return outdated
}

/** Creates the object of a playlist in a start bundle, with the times and the Cache-Control of the bundle. */
function playlistOf(
  bundle: MediaObject,
  { key, rendition, body }: Pick<MediaObject, 'key'> & { rendition: string; body: Buffer },
): MediaObject {
  const cacheControl = headerOf(bundle, 'cache-control')
  const lifetime = lifetimeOf('playlist', cacheControl)
  const kind = { class: 'playlist', contentType: undefined } as const
  return createMediaObject({ ...bundle, ...kind, key, rendition, body, cacheControl, lifetime })
}
