import type { PathwayClone, SteeringManifest } from '../../core/api/steering.ts'
import type { EdgeReport } from '../../core/contracts/edge-roster.ts'
import type { Origin } from '../../core/contracts/live-records.ts'
import { placeUrl } from '../../core/contracts/public-place.ts'
import { channelFolder, playlistUri } from '../../core/playback/media-paths.ts'
import { rankEdges } from './edge-choice.ts'

/** The steering request of a player. */
export interface SteeringRequest {
  slug: string
  /** Its session. Without one, the response describes no other edges. */
  session: string | undefined
  /** The edge that delivered its multivariant playlist. */
  from: string | undefined
  /** The edge that it plays from now. */
  current: string | undefined
  /** The playback token in its URLs; empty when there is none. */
  token: string
  /** Host header of the request. */
  host: string | undefined
}

/** The renditions of the session that the player has. */
type PlayedOrigin = Pick<Origin, 'renditions' | 'sessionId'>

/** Maximum number of edges in one response. */
const maxEdges = 8

/** Minimum time to a player's next request, s. A draining edge loses its viewers in about this time. */
const minTtl = 5
/** Maximum time to a player's next request, s. */
const maxTtl = 60
/** Requests of all players together, per second. */
const requestsPerSecond = 500

/**
 * Time to a player's next request, s. It grows with the number of viewers, so that the total rate is bounded.
 */
export const timeToLive = (viewers: number): number =>
  Math.min(maxTtl, Math.max(minTtl, Math.ceil(viewers / requestsPerSecond)))

/**
 * Answers which edge a player should use and where the others are; undefined when no edge is known. Clones
 * list the URI of every playlist: a clone by HOST (RFC 8216bis 7.3) keeps port and scheme, in which edges on
 * one machine differ.
 */
export function steeringManifest(
  edges: readonly EdgeReport[],
  origin: PlayedOrigin | undefined,
  request: SteeringRequest,
  random: () => number = Math.random,
): SteeringManifest | undefined {
  const ranked = rankEdges(edges, request.current, random).slice(0, maxEdges)
  const base = request.from
  const isClone = ({ pathway }: EdgeReport) => pathway !== base
  const canClone = base !== undefined && origin !== undefined
  // Without clones the player knows only the edge that it came from, and the one that it plays from.
  const known = ranked.filter((edge) => canClone || !isClone(edge) || edge.pathway === request.current)
  const priority = known.map(({ pathway }) => pathway)
  if (priority.length === 0 && request.current !== undefined) priority.push(request.current)
  if (priority.length === 0) return undefined
  return {
    VERSION: 1,
    TTL: timeToLive(edges.reduce((sum, { load }) => sum + load.viewers, 0)),
    'RELOAD-URI': reloadUri(request),
    'PATHWAY-PRIORITY': priority,
    'PATHWAY-CLONES': canClone
      ? known.filter(isClone).map((edge) => cloneOf(edge, base, origin, request))
      : [],
  }
}

function reloadUri({ slug, session, from, token }: SteeringRequest): string {
  const parameters = Object.entries({ session, from, token: token === '' ? undefined : token })
  const query = parameters
    .flatMap(([name, value]) => (value === undefined ? [] : `${name}=${value}`))
    .join('&')
  return `/steering/${slug}${query === '' ? '' : `?${query}`}`
}

function cloneOf(
  edge: EdgeReport,
  base: string,
  origin: PlayedOrigin,
  { slug, token, host }: SteeringRequest,
): PathwayClone {
  const folder = placeUrl(edge.place, host) + channelFolder(slug, token)
  const urisOf = (kinds: readonly string[]) =>
    Object.fromEntries(
      origin.renditions
        .filter(({ kind }) => kinds.includes(kind))
        .map(({ name }) => [name, `${folder}/${playlistUri(origin.sessionId, name)}`]),
    )
  return {
    'BASE-ID': base,
    ID: edge.pathway,
    // The sound is a variant too.
    'URI-REPLACEMENT': {
      'PER-VARIANT-URIS': urisOf(['video', 'audio']),
      'PER-RENDITION-URIS': urisOf(['audio']),
    },
  }
}
