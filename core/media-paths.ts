import { isSessionId, isSlug } from './ids.ts'

/**
 * The URL paths of playback, the same at the origin and at the edge:
 *
 *   /live/<slug>/index.m3u8                                    multivariant playlist of whatever is live
 *   /live/<slug>/<session>/<rendition>.m3u8                    media playlist; outlives a change of epoch
 *   /live/<slug>/<session>/<epoch>/<rendition>/init.mp4        immutable
 *   /live/<slug>/<session>/<epoch>/<rendition>/<msn>.m4s       immutable segment
 *   /live/<slug>/<session>/<epoch>/<rendition>/<msn>.<part>.m4s  immutable part
 */
export type MediaPath =
  | { kind: 'multivariant'; slug: string }
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

const renditionExpression = /^[a-z0-9][a-z0-9-]{0,31}$/
const numberExpression = /^(?:0|[1-9]\d{0,14})$/
const mediaFileExpression = /^(0|[1-9]\d{0,14})(?:\.(0|[1-9]\d{0,5}))?\.m4s$/

/** Reads a URL path (without query). Anything that is not exactly one of the forms above is undefined: no decoding, no dots. */
export function parseMediaPath(path: string): MediaPath | undefined {
  const [empty, live, slug, third, fourth, rendition, file, ...rest] = path.split('/')
  if (empty !== '' || live !== 'live' || !slug || !isSlug(slug) || third === undefined) return undefined
  if (fourth === undefined) return third === 'index.m3u8' ? { kind: 'multivariant', slug } : undefined
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

/** Path of a channel's multivariant playlist. */
export const multivariantPath = (slug: string) => `/live/${slug}/index.m3u8`

/**
 * The same with a playback token, `/live/t/<token>/<slug>/…`: URIs in playlists are relative, so every player takes the token
 * along. The edge takes it out before it looks at the rest.
 */
export const signedMultivariantPath = (slug: string, token: string) => `/live/t/${token}/${slug}/index.m3u8`

/** URI of a media playlist, relative to the multivariant playlist. */
export const playlistUri = (sessionId: string, rendition: string) => `${sessionId}/${rendition}.m3u8`

/** URI of an init segment, relative to its media playlist. */
export const initUri = (epoch: number, rendition: string) => `${epoch}/${rendition}/init.mp4`

/** URI of a segment, relative to its media playlist. */
export const segmentUri = (epoch: number, rendition: string, msn: number) =>
  `${epoch}/${rendition}/${msn}.m4s`

/** URI of a part, relative to its media playlist. */
export const partUri = (epoch: number, rendition: string, msn: number, part: number) =>
  `${epoch}/${rendition}/${msn}.${part}.m4s`
