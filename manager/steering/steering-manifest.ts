import type { PathwayClone, SteeringManifest } from '../../core/api/steering.ts'
import type { EdgeReport } from '../../core/contracts/edge-roster.ts'
import type { Origin } from '../../core/contracts/live-records.ts'
import { placeUrl } from '../../core/contracts/public-place.ts'
import { channelFolder, playlistUri } from '../../core/playback/media-paths.ts'
import { rankEdges } from './edge-choice.ts'

export interface SteeringRequest {
  slug: string
  /** The session that the player watches. Without it, the response has no clones. */
  session: string | undefined
  /** Pathway of the edge that delivered the player's multivariant playlist. */
  from: string | undefined
  /** Pathway of the edge from which the player plays now. */
  current: string | undefined
  /** The playback token in the player's URLs; empty when there is no token. */
  token: string
  /**
   * Host header of the request. Its host name replaces the address of an edge that has no public URL and
   * listens on a wildcard or loopback address.
   */
  host: string | undefined
}

/** The part of an origin that names the player's playlists. */
type PlayedOrigin = Pick<Origin, 'renditions' | 'sessionId'>

/** Maximum number of edges in a response, which has a URI for each rendition at each of them. */
const maxEdges = 8

/** Minimum time to a player's next request, s. */
const minTtl = 5
/** Maximum time to a player's next request, s. */
const maxTtl = 60
/** Intended number of steering requests per second of all players together. */
const requestsPerSecond = 500

/**
 * Returns the time to a player's next request, s. It grows with the number of viewers, so that all players
 * together send `requestsPerSecond`. From 30 000 viewers on it is `maxTtl`, and players send more.
 */
export const timeToLive = (viewers: number): number =>
  Math.min(maxTtl, Math.max(minTtl, Math.ceil(viewers / requestsPerSecond)))

/**
 * Returns the steering manifest; undefined when neither an edge nor the player's present pathway is known.
 * Clones list the URI of every playlist at the other edge. The shorter form, a clone by HOST (RFC 8216bis,
 * section 7.3), would keep scheme and port, in which edges on one machine differ.
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
  // Without clones, the player has URIs only at the edge that it came from and the one that it plays from.
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
  // Relative to the manifest, because a proxy may serve it under any path.
  return `${slug}${query === '' ? '' : `?${query}`}`
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
    // Audio is in both: video variants refer to it as a rendition, and there is an audio-only variant.
    'URI-REPLACEMENT': {
      'PER-VARIANT-URIS': urisOf(['video', 'audio']),
      'PER-RENDITION-URIS': urisOf(['audio']),
    },
  }
}
