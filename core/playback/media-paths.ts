import { isSessionId, isSlug } from '../contracts/id-patterns.ts'
import { type StartDistance, type StartRate, startDistances, startRates } from './start-bundle.ts'

/**
 * URL paths of playback, the same at the origin and at the edge:
 *
 *   /live/<slug>/index.m3u8                                     multivariant playlist of the live session
 *   /live/<slug>/start-<rate>-<distance>.bin                    start bundle of the live session
 *   /live/<slug>/picture.jpg                                    newest picture of the live session
 *   /live/<slug>/<session>/<rendition>.m3u8                     media playlist, the same for all epochs
 *   /live/<slug>/<session>/<epoch>/<rendition>/init.mp4         immutable init segment
 *   /live/<slug>/<session>/<epoch>/<rendition>/<msn>.m4s        immutable segment
 *   /live/<slug>/<session>/<epoch>/<rendition>/<msn>.<part>.m4s immutable part
 *
 * URLs of a signed channel have a token after the prefix: `/live/t/<token>/<slug>/…`. URIs in playlists are
 * relative, so every player keeps the token. The edge removes the token before it parses the path.
 */
export type MediaPath =
  | { kind: 'multivariant'; slug: string }
  /** `rate`: bitrate that the newcomer can receive, kbit/s. `distance`: see `startDistances`. */
  | { kind: 'start'; slug: string; rate: StartRate; distance: StartDistance }
  | { kind: 'picture'; slug: string }
  | { kind: 'playlist'; slug: string; sessionId: string; rendition: string }
  | { kind: 'init'; slug: string; sessionId: string; epoch: number; rendition: string }
  | { kind: 'segment'; slug: string; sessionId: string; epoch: number; rendition: string; msn: number }
  | {
      kind: 'part'
      slug: string
      sessionId: string
      epoch: number
      rendition: string
      msn: number
      part: number
    }

/** Prefix of every URL path of playback. No other path begins with it. */
export const playbackPrefix = '/live/'
/** Prefix of every URL path of playback with a token. */
export const tokenPrefix = `${playbackPrefix}t/`
const multivariantFile = 'index.m3u8'
const pictureFile = 'picture.jpg'

const startFileExpression = /^start-(\d{1,5})-(\d)\.bin$/
const renditionExpression = /^[a-z0-9][a-z0-9-]{0,31}$/
const numberExpression = /^(?:0|[1-9]\d{0,14})$/
const mediaFileExpression = /^(0|[1-9]\d{0,14})(?:\.(0|[1-9]\d{0,5}))?\.m4s$/

/**
 * Parses a URL path without query or token. Returns undefined unless it has exactly one of the forms of
 * `MediaPath`: percent-encoding and `..` are not resolved.
 */
export function parseMediaPath(path: string): MediaPath | undefined {
  if (!path.startsWith(playbackPrefix)) return undefined
  const [slug, third, fourth, rendition, file, ...rest] = path.slice(playbackPrefix.length).split('/')
  if (!slug || !isSlug(slug) || third === undefined) return undefined
  if (fourth === undefined) {
    if (third === pictureFile) return { kind: 'picture', slug }
    return third === multivariantFile ? { kind: 'multivariant', slug } : parseStartFile(slug, third)
  }
  if (!isSessionId(third)) return undefined
  const sessionId = third
  if (rendition === undefined) {
    if (!fourth.endsWith('.m3u8')) return undefined
    const name = fourth.slice(0, -'.m3u8'.length)
    return renditionExpression.test(name) ? { kind: 'playlist', slug, sessionId, rendition: name } : undefined
  }
  if (file === undefined || rest.length > 0) return undefined
  if (!numberExpression.test(fourth) || !renditionExpression.test(rendition)) return undefined
  const place = { slug, sessionId, epoch: Number(fourth), rendition }
  if (file === 'init.mp4') return { kind: 'init', ...place }
  const match = mediaFileExpression.exec(file)
  if (!match) return undefined
  const msn = Number(match[1])
  return match[2] === undefined
    ? { kind: 'segment', ...place, msn }
    : { kind: 'part', ...place, msn, part: Number(match[2]) }
}

function parseStartFile(slug: string, file: string): MediaPath | undefined {
  const [, rateText, distanceText] = startFileExpression.exec(file) ?? []
  const rate = startRates.find((each) => String(each) === rateText)
  const distance = startDistances.find((each) => String(each) === distanceText)
  return rate === undefined || distance === undefined ? undefined : { kind: 'start', slug, rate, distance }
}

/** Returns the URI of a start bundle, relative to the multivariant playlist. */
export const startUri = (rate: StartRate, distance: StartDistance) => `start-${rate}-${distance}.bin`

/** Returns the path of a channel's folder, without a trailing slash. A signed channel needs a `token`. */
export const channelFolder = (slug: string, token = '') =>
  token === '' ? `${playbackPrefix}${slug}` : `${tokenPrefix}${token}/${slug}`

/** Returns the path of a channel's multivariant playlist. A signed channel needs a `token`. */
export const multivariantPath = (slug: string, token = '') =>
  `${channelFolder(slug, token)}/${multivariantFile}`

/** Returns the path of a channel's newest picture. A signed channel needs a `token`. */
export const picturePath = (slug: string, token = '') => `${channelFolder(slug, token)}/${pictureFile}`

/** A request target, divided into the playback token and the rest. */
export interface TokenPath {
  token: string
  /** The target without the token, `/live/<slug>/…`. */
  target: string
}

const sessionIdLength = 24

/**
 * Separates the token from a request target. Returns undefined when the target has no token. After
 * `/live/t/`, a file name or a session id is no token: the channel then has the slug `t`.
 */
export function splitToken(target: string): TokenPath | undefined {
  if (!target.startsWith(tokenPrefix)) return undefined
  const end = target.indexOf('/', tokenPrefix.length)
  if (end < 0) return undefined
  const token = target.slice(tokenPrefix.length, end)
  if (token.length === sessionIdLength && isSessionId(token)) return undefined
  return { token, target: playbackPrefix + target.slice(end + 1) }
}

/** Puts the token back into a request target. Returns the target as it is when the token is empty. */
export const joinToken = ({ token, target }: TokenPath) =>
  token === '' ? target : `${tokenPrefix}${token}/${target.slice(playbackPrefix.length)}`

/** Returns the URI of a media playlist, relative to the multivariant playlist. */
export const playlistUri = (sessionId: string, rendition: string) => `${sessionId}/${rendition}.m3u8`

/** Returns the URI of an init segment, relative to its media playlist. */
export const initUri = (epoch: number, rendition: string) => `${epoch}/${rendition}/init.mp4`

/** Returns the URI of a segment, relative to its media playlist. */
export const segmentUri = (epoch: number, rendition: string, msn: number) =>
  `${epoch}/${rendition}/${msn}.m4s`

/** Returns the URI of a part, relative to its media playlist. */
export const partUri = (epoch: number, rendition: string, msn: number, part: number) =>
  `${epoch}/${rendition}/${msn}.${part}.m4s`
