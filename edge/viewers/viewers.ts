import { type ViewerCount, viewerCountOf } from '../../core/contracts/viewer-count.ts'
import { KeyedCount } from '../../core/mechanisms/keyed-count.ts'

export interface ViewersOptions {
  /**
   * Time for which a viewer counts after a request for a media playlist, s; up to 1 s longer, because times
   * are kept as whole seconds.
   */
  windowSeconds?: number
  /** Maximum number of viewers in total. Further ones are not counted. */
  limit?: number
  /**
   * Maximum number of viewers per network, so that one client cannot pose as a crowd by sending many session
   * ids; 0 for no limit.
   */
  limitPerNetwork?: number
}

export type Viewers = ReturnType<typeof createViewers>

export interface ViewerConnection {
  /** IPv4 address, or /64 of IPv6. */
  readonly network: string
  /**
   * Viewer id derived from network, user agent and playback token. It is also the id of a viewer whose player
   * sent no session id.
   */
  readonly connectionId: number
}

interface Sighting extends ViewerConnection {
  second: number
}

/**
 * Counts the distinct viewers of each channel by their requests for media playlists. Times are ms of the
 * edge's clock.
 */
export function createViewers(options: ViewersOptions = {}) {
  const { windowSeconds = 10, limit = 500_000, limitPerNetwork = 0 } = options
  /** Viewers by channel. In each map, viewers seen longest ago come first. */
  const channels = new Map<string, Map<number, Sighting>>()
  const perNetwork = new KeyedCount(limitPerNetwork)
  let total = 0

  function forgetOld(now: number) {
    const before = Math.floor(now / 1000) - windowSeconds
    for (const [slug, sightings] of channels) {
      forgetBefore(sightings, before)
      if (sightings.size === 0) channels.delete(slug)
    }
  }

  function forgetBefore(sightings: Map<number, Sighting>, before: number) {
    for (const [viewer, { second, network }] of sightings) {
      if (second >= before) return
      sightings.delete(viewer)
      total -= 1
      perNetwork.leave(network)
    }
  }

  /**
   * Creates the entry of a new viewer; undefined when there are too many viewers, in total or of the network.
   */
  function newSighting({ network, connectionId }: ViewerConnection, second: number): Sighting | undefined {
    if (total >= limit || !perNetwork.enter(network)) return undefined
    total += 1
    return { second, network, connectionId }
  }

  return {
    /** Records a request for a media playlist. */
    recordView(slug: string, viewer: number, connection: ViewerConnection, now: number): void {
      const second = Math.floor(now / 1000)
      const sightings = channels.get(slug)
      const known = sightings?.get(viewer)
      if (known?.second === second) return
      const sighting = known ?? newSighting(connection, second)
      if (sighting === undefined) return
      sighting.second = second
      if (sightings === undefined) channels.set(slug, new Map([[viewer, sighting]]))
      else {
        if (known !== undefined) sightings.delete(viewer)
        sightings.set(viewer, sighting)
      }
    },

    /** Returns the number of viewers of each channel that has any. */
    count(now: number): Record<string, number> {
      forgetOld(now)
      return Object.fromEntries(
        [...channels].map(([slug, sightings]) => [slug, sightings.size - doublesIn(sightings).size]),
      )
    },

    /**
     * Returns the number of viewers of each channel and a sample of their ids, by which viewers of several
     * edges are counted once.
     */
    counts(now: number): Record<string, ViewerCount> {
      forgetOld(now)
      return Object.fromEntries(
        [...channels].map(([slug, sightings]) => {
          const doubles = doublesIn(sightings)
          const ids = [...sightings.keys()].filter((id) => !doubles.has(id))
          return [slug, viewerCountOf(ids, total)]
        }),
      )
    },
  }
}

/**
 * Returns the ids of viewers who are listed twice. A player may send requests before it sends its session id.
 * It is then listed by `connectionId`, and later also by the session id.
 */
function doublesIn(sightings: ReadonlyMap<number, Sighting>): Set<number> {
  const doubles = new Set<number>()
  let unnamed = 0
  for (const [viewer, { connectionId }] of sightings) if (viewer === connectionId) unnamed += 1
  // Usually all players send a session id, or none does. No viewer is listed twice then.
  if (unnamed === 0 || unnamed === sightings.size) return doubles
  for (const [viewer, { connectionId }] of sightings)
    if (viewer !== connectionId && sightings.has(connectionId)) doubles.add(connectionId)
  return doubles
}
