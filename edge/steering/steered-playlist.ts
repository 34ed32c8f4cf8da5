import { placeUrl } from '../../core/contracts/public-place.ts'
import type { Exchange } from '../http/exchange.ts'
import { type MediaObject, withBody, withText } from '../objects/media-object.ts'
import { startsPlayback } from '../objects/playback-request.ts'
import { editStartBundle } from './edit-start-bundle.ts'
import type { RosterWatch } from './roster-watch.ts'

/**
 * Maximum number of steered variants that are kept per object, one for each host name that viewers use.
 * Variants with a token are not kept.
 */
const maxVariants = 16

/**
 * Matches tokens that are passed on to the steering server. A public channel accepts any text as a token,
 * also one with characters that would end the quoted attribute.
 */
const tokenExpression = /^[A-Za-z0-9._-]{1,2048}$/

/**
 * Returns an object with content steering for this request, or the object itself when none is to be added.
 */
export type Steer = (request: Pick<Exchange, 'headers' | 'token'>, object: MediaObject) => MediaObject

/**
 * Creates the function that adds content steering to multivariant playlists and start bundles, while there is
 * a steering server and another edge. The URI of the steering server contains the session, the name of this
 * edge, and the token, so that the server can build the URIs of the playlists at other edges.
 */
export function createSteer(roster: Pick<RosterWatch, 'steering'>, pathway: string): Steer {
  const variants = new WeakMap<MediaObject, Map<string, MediaObject>>()

  return function steer(request, object) {
    const place = startsPlayback(object.class) ? roster.steering : undefined
    if (place === undefined) return object
    const token = tokenExpression.test(request.token) ? `&token=${request.token}` : ''
    const query = `session=${object.sessionId}&from=${pathway}${token}`
    const serverUri = `${placeUrl(place, hostOf(request.headers))}/steering/${object.slug}?${query}`
    const known = variants.get(object) ?? new Map<string, MediaObject>()
    const found = known.get(serverUri)
    if (found !== undefined) return found
    const edit = (playlist: string) => addSteering(playlist, { serverUri, pathway })
    const { body } = object.plain
    const steered =
      object.class === 'start'
        ? withBody(object, editStartBundle(body, edit))
        : withText(object, edit(body.toString()))
    if (token === '' && known.size < maxVariants) variants.set(object, known.set(serverUri, steered))
    return steered
  }
}

/** Returns the host to which a request was sent. HTTP/2 has it in `:authority` (RFC 9113 8.3.1). */
function hostOf(headers: Exchange['headers']): string | undefined {
  const authority = headers[':authority']
  return headers.host ?? (typeof authority === 'string' ? authority : undefined)
}

export interface SteeringTag {
  /** URI of the steering manifest. */
  serverUri: string
  /** Name of the edge that delivers the playlist and all of its variants. */
  pathway: string
}

const streamInf = '#EXT-X-STREAM-INF:'

/**
 * Adds content steering to the text of a multivariant playlist (RFC 8216bis 4.4.6.6): the tag, and the
 * pathway of each variant. Content steering that another edge added is replaced.
 */
export function addSteering(playlist: string, { serverUri, pathway }: SteeringTag): string {
  const tag = `#EXT-X-CONTENT-STEERING:SERVER-URI="${serverUri}",PATHWAY-ID="${pathway}"`
  return playlist
    .split('\n')
    .filter((line) => !line.startsWith('#EXT-X-CONTENT-STEERING:'))
    .flatMap((line) => {
      if (line.startsWith('#EXTM3U')) return [line, tag]
      if (!line.startsWith(streamInf)) return [line]
      const attributes = line.slice(streamInf.length).replace(/^PATHWAY-ID="[^"]*",/, '')
      return [`${streamInf}PATHWAY-ID="${pathway}",${attributes}`]
    })
    .join('\n')
}
