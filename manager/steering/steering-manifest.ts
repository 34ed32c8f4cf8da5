import type { EdgeReport } from '../../core/contracts/edge-roster.ts'
import type { Origin } from '../../core/contracts/live-records.ts'
import { placeUrl } from '../../core/contracts/public-place.ts'
import { channelFolder, playlistUri } from '../../core/playback/media-paths.ts'
import { rankEdges } from './edge-choice.ts'

/** RFC 8216bis 7.2 */
export interface SteeringManifest {
  VERSION: 1
  /** How long the player holds to it, s. */
  TTL: number
  'RELOAD-URI': string
  'PATHWAY-PRIORITY': string[]
  'PATHWAY-CLONES': PathwayClone[]
}

/** RFC 8216bis 7.3: another edge, told by where the playlists of the base are there. */
export interface PathwayClone {
  'BASE-ID': string
  ID: string
  'URI-REPLACEMENT': {
    'PER-VARIANT-URIS': Record<string, string>
    'PER-RENDITION-URIS': Record<string, string>
  }
}

/** What the player that asks has in hand. */
export interface Asker {
  slug: string
  /** Its session; undefined when it did not say so, then it learns of no other edges. */
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

/** Edges that one player is told of. */
const mostEdges = 8

/** Players ask again after so long, s: an edge that drains loses its viewers in about this time. */
const shortestTtl = 5
/** No longer, s, however many there are. */
const longestTtl = 60
/** All players together ask about so often in a second. */
const requestsPerSecond = 500

/** When players are to ask again, s, so that all of them together cost the same however many they are. */
export const timeToLive = (viewers: number): number =>
  Math.min(longestTtl, Math.max(shortestTtl, Math.ceil(viewers / requestsPerSecond)))

/**
 * Tells a player which edge to take, and where the others are. URIs are named one by one, because a clone by HOST (RFC 8216bis 7.3) keeps
 * the port and the scheme, and edges of one machine differ in just these. Undefined as long as no edge is known.
 */
export function steeringManifest(
  edges: readonly EdgeReport[],
  origin: Pick<Origin, 'renditions' | 'sessionId'> | undefined,
  asker: Asker,
  random: () => number = Math.random,
): SteeringManifest | undefined {
  const ranked = rankEdges(edges, asker.current, random).slice(0, mostEdges)
  const base = asker.from
  const isClone = ({ pathway }: EdgeReport) => pathway !== base
  const canClone = base !== undefined && origin !== undefined
  // Without clones the player knows but the edge it came from, and the one it is at.
  const known = ranked.filter((edge) => canClone || !isClone(edge) || edge.pathway === asker.current)
  const priority = known.map(({ pathway }) => pathway)
  if (priority.length === 0 && asker.current !== undefined) priority.push(asker.current)
  if (priority.length === 0) return undefined
  return {
    VERSION: 1,
    TTL: timeToLive(edges.reduce((sum, { load }) => sum + load.viewers, 0)),
    'RELOAD-URI': reloadUri(asker),
    'PATHWAY-PRIORITY': priority,
    'PATHWAY-CLONES': canClone ? known.filter(isClone).map((edge) => cloneOf(edge, base, origin, asker)) : [],
  }
}

function reloadUri({ slug, session, from, token }: Asker): string {
  const given = Object.entries({ session, from, token: token === '' ? undefined : token })
  const query = given.flatMap(([name, value]) => (value === undefined ? [] : `${name}=${value}`)).join('&')
  return `/steering/${slug}${query === '' ? '' : `?${query}`}`
}

function cloneOf(
  edge: EdgeReport,
  base: string,
  origin: Pick<Origin, 'renditions' | 'sessionId'>,
  { slug, token, host }: Asker,
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
    // Sound is a variant of its own too.
    'URI-REPLACEMENT': {
      'PER-VARIANT-URIS': urisOf(['video', 'audio']),
      'PER-RENDITION-URIS': urisOf(['audio']),
    },
  }
}
