import { BoundedMap } from '../../core/mechanisms/bounded-map.ts'
import {
  type DeliveryDirectives,
  formatDirectives,
  parseDirectives,
} from '../../core/playback/delivery-directives.ts'
import { type MediaPath, parseMediaPath } from '../../core/playback/media-paths.ts'

/**
 * Kind of object that a request is for. It decides lifetime, waits and limits, and is a label of metrics.
 * `held_playlist`: the response to a blocking reload.
 */
export type ObjectClass =
  | 'multivariant'
  | 'start'
  | 'picture'
  | 'playlist'
  | 'held_playlist'
  | 'init'
  | 'segment'
  | 'part'

export const objectClasses = [
  'multivariant',
  'start',
  'picture',
  'playlist',
  'held_playlist',
  'init',
  'segment',
  'part',
] as const satisfies readonly ObjectClass[]

/** A valid request for a playlist or media, in canonical form. */
export interface PlaybackRequest {
  /** Path and canonical query: the cache key, and the target at the origin. */
  key: string
  path: MediaPath
  class: ObjectClass
}

type PlaylistPath = Extract<MediaPath, { kind: 'playlist' }>

/** A request for a media playlist, with its delivery directives. */
export interface PlaylistRequest extends PlaybackRequest {
  path: PlaylistPath
  directives: DeliveryDirectives
}

export const isPlaylistRequest = (request: PlaybackRequest): request is PlaylistRequest =>
  'directives' in request

/** Maximum length of a path, characters. No valid path is longer, so a longer one is refused unparsed. */
const maxPathLength = 256

/** Maximum number of parsed targets that are kept, and maximum length of such a target, characters. */
const maxKept = 1024
const maxKeptLength = 384

/**
 * Creates a parser of request targets without a token. It returns the status of the refusal, 400 or 404, when
 * a target is not valid. Viewers of a channel send the same targets at about the same time, so the newest
 * valid ones are kept. Requests are shared between callers, who must not change them.
 */
export function createRequestParser() {
  const kept = new BoundedMap<string, PlaybackRequest | PlaylistRequest>(maxKept)
  return (target: string): PlaybackRequest | PlaylistRequest | 400 | 404 => {
    const known = kept.get(target)
    if (known !== undefined) return known
    const request = parsePlaybackRequest(target)
    if (typeof request !== 'number' && target.length <= maxKeptLength) kept.set(target, request)
    return request
  }
}

/** Parses a request target without a token. See `createRequestParser`. */
export function parsePlaybackRequest(target: string): PlaybackRequest | PlaylistRequest | 400 | 404 {
  const question = target.indexOf('?')
  const pathText = question < 0 ? target : target.slice(0, question)
  if (pathText.length > maxPathLength) return 404
  const path = parseMediaPath(pathText)
  if (path === undefined) return 404
  if (path.kind !== 'playlist') return { key: pathText, path, class: path.kind }
  const directives = parseDirectives(question < 0 ? '' : target.slice(question + 1))
  if (directives === undefined) return 400
  return playlistRequest(pathText, path, directives)
}

/** Creates the request for a media playlist. `pathText`: the path as text. */
export function playlistRequest(
  pathText: string,
  path: PlaylistPath,
  directives: DeliveryDirectives,
): PlaylistRequest {
  const isHeld = directives.msn !== undefined
  const key = pathText + formatDirectives(directives)
  return { key, path, class: isHeld ? 'held_playlist' : 'playlist', directives }
}

/**
 * Returns the request that an edge sends to the origin for a playlist. It never asks for a delta update,
 * which the edge makes itself. So one request is enough for each version of a playlist.
 */
export function wholePlaylistRequest(
  { key, path }: PlaylistRequest,
  { msn, part }: Partial<DeliveryDirectives> = {},
): PlaylistRequest {
  const [pathText = ''] = key.split('?', 1)
  return playlistRequest(pathText, path, { msn, part, skip: undefined })
}

export const isPlaylist = (kind: ObjectClass) =>
  kind === 'multivariant' || kind === 'playlist' || kind === 'held_playlist'

/** Whether the path of an object names only a channel, so that the object is that of the live session. */
export const isOfChannel = (kind: ObjectClass) => startsPlayback(kind) || kind === 'picture'

/** Whether players begin with an object. It says where the playlists are. */
export const startsPlayback = (kind: ObjectClass) => kind === 'multivariant' || kind === 'start'

export const isMediaPlaylist = (kind: ObjectClass) => kind === 'playlist' || kind === 'held_playlist'

/**
 * Whether the origin may hold the request: a blocking reload until the playlist has what it names, a plain
 * request for a playlist until there is a segment, that for a hinted part until the part is complete.
 */
export const mayBeHeld = (kind: ObjectClass) => isMediaPlaylist(kind) || kind === 'part'
