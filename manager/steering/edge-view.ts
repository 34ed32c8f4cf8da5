import type { EdgeReport } from '../../core/contracts/edge-roster.ts'
import type { PublicPlace } from '../../core/contracts/public-place.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'

/** What this needs of the roster. */
interface EdgeSource {
  edges(): Promise<EdgeReport[]>
  putSteering(place: PublicPlace): Promise<void>
}

const everyMs = 1000

export type EdgeView = ReturnType<typeof createEdgeView>

/**
 * All edges, from memory: however many players ask, Redis is read once a second. While Redis is away the last known ones stay. Tells edges in
 * turn where steering is served; `place` is undefined as long as nobody listens there.
 */
export function createEdgeView(roster: EdgeSource, place: () => PublicPlace | undefined, log: Log) {
  let edges: readonly EdgeReport[] = []
  const reader = createPoll(
    async () => {
      try {
        const here = place()
        const [read] = await Promise.all([roster.edges(), here && roster.putSteering(here)])
        edges = read
      } catch (error) {
        log.debug({ err: messageOf(error) }, 'edges are only known from before')
      }
    },
    { everyMs },
  )
  return {
    get edges(): readonly EdgeReport[] {
      return edges
    },
    close: () => reader.close(),
  }
}
