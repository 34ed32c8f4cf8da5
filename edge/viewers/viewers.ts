import { type ViewerCount, viewerCountOf } from '../../core/contracts/viewer-count.ts'

export interface ViewersOptions {
  /** A viewer counts for so long after a playlist request, s. */
  windowSeconds?: number
  /** Viewers remembered in total; beyond it new ones are not counted. */
  limit?: number
  /** The same of one address, so that nobody is a crowd by telling many session ids; 0: no such limit. */
  limitPerAddress?: number
}

export type Viewers = ReturnType<typeof createViewers>

/** Where a viewer was seen. */
export interface Whereabouts {
  readonly address: string
  /** The viewer as the connection tells; the same as the viewer for who tells nothing. */
  readonly byConnection: number
}

interface Sighting extends Whereabouts {
  second: number
}

/** Counts the distinct viewers of each channel by their playlist requests. Times are ms of the edge's clock. */
export function createViewers({
  windowSeconds = 10,
  limit = 500_000,
  limitPerAddress = 0,
}: ViewersOptions = {}) {
  /** By channel: when each viewer was seen last, those seen longest ago first. */
  const channels = new Map<string, Map<number, Sighting>>()
  const perAddress = new Map<string, number>()
  let total = 0

  function forgetOld(now: number) {
    const before = Math.floor(now / 1000) - windowSeconds
    for (const [slug, sightings] of channels) {
      forget(sightings, before)
      if (sightings.size === 0) channels.delete(slug)
    }
  }

  function forget(sightings: Map<number, Sighting>, before: number) {
    for (const [viewer, { second, address }] of sightings) {
      if (second >= before) return
      sightings.delete(viewer)
      total -= 1
      const left = (perAddress.get(address) ?? 0) - 1
      if (left > 0) perAddress.set(address, left)
      else perAddress.delete(address)
    }
  }

  /** Undefined when there is no room for another. */
  function newSighting({ address, byConnection }: Whereabouts, second: number): Sighting | undefined {
    const known = perAddress.get(address) ?? 0
    if (total >= limit || (limitPerAddress > 0 && known >= limitPerAddress)) return undefined
    perAddress.set(address, known + 1)
    total += 1
    return { second, address, byConnection }
  }

  return {
    saw(slug: string, viewer: number, where: Whereabouts, now: number): void {
      const second = Math.floor(now / 1000)
      const sightings = channels.get(slug)
      const known = sightings?.get(viewer)
      if (known?.second === second) return
      const sighting = known ?? newSighting(where, second)
      if (sighting === undefined) return
      sighting.second = second
      if (sightings === undefined) channels.set(slug, new Map([[viewer, sighting]]))
      else {
        if (known !== undefined) sightings.delete(viewer)
        sightings.set(viewer, sighting)
      }
    },

    /** Viewers of each channel that has any. */
    count(now: number): Record<string, number> {
      forgetOld(now)
      return Object.fromEntries(
        [...channels].map(([slug, sightings]) => [slug, sightings.size - doublesIn(sightings).size]),
      )
    },

    /** The same, with who they are. */
    tally(now: number): Record<string, ViewerCount> {
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

/** Those without a name whose connection others with a name have: a player may ask for something before it tells who it is. */
function doublesIn(sightings: ReadonlyMap<number, Sighting>): Set<number> {
  const doubles = new Set<number>()
  let nameless = 0
  for (const [viewer, { byConnection }] of sightings) if (viewer === byConnection) nameless += 1
  // Mostly all tell, or none does.
  if (nameless === 0 || nameless === sightings.size) return doubles
  for (const [viewer, { byConnection }] of sightings)
    if (viewer !== byConnection && sightings.has(byConnection)) doubles.add(byConnection)
  return doubles
}
