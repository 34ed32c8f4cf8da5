import type { EdgeReport } from '../../core/contracts/edge-roster.ts'
import type { PublicPlace } from '../../core/contracts/public-place.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'

interface EdgeSource {
  edges(): Promise<EdgeReport[]>
  putSteering(place: PublicPlace): Promise<void>
}

const everyMs = 1000

export type EdgeView = ReturnType<typeof createEdgeView>

/**
 * Creates a view of the known edges in memory, so that Redis is read once a second for any number of players.
 * While Redis is away the last known edges stay. It also announces to the edges where steering is served.
 * `place` returns undefined until the manager listens.
 */
export function createEdgeView(roster: EdgeSource, place: () => PublicPlace | undefined, log: Log) {
  let edges: readonly EdgeReport[] = []
  const poll = createPoll(
    async () => {
      try {
        const here = place()
        const [read] = await Promise.all([roster.edges(), here && roster.putSteering(here)])
        edges = read
      } catch (error) {
        log.debug({ err: messageOf(error) }, 'edges not readable, the last known ones are used')
      }
    },
    { everyMs },
  )
  return {
    get edges(): readonly EdgeReport[] {
      return edges
    },
    close: () => poll.close(),
  }
}
