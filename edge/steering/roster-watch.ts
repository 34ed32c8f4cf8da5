import type { EdgeReport } from '../../core/contracts/edge-roster.ts'
import type { PublicPlace } from '../../core/contracts/public-place.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'

export interface RosterSource {
  edges(): Promise<EdgeReport[]>
  steering(): Promise<PublicPlace | undefined>
}

export type RosterWatch = ReturnType<typeof watchRoster>

const everyMs = 1500

/**
 * Keeps the list of edges and the place of the steering server up to date. Neither changes while Redis is
 * away. `pathway`: the name of this edge.
 */
export function watchRoster(source: RosterSource, pathway: string, log: Log) {
  let edges: readonly EdgeReport[] = []
  let steering: PublicPlace | undefined

  async function refresh() {
    try {
      ;[edges, steering] = await Promise.all([source.edges(), source.steering()])
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'cannot read the edge roster, keeping the known edges')
    }
  }
  const poll = createPoll(refresh, { everyMs })

  return {
    /** Where players ask which edge to use; undefined when there is no other edge or no steering server. */
    get steering(): PublicPlace | undefined {
      return edges.length > 1 ? steering : undefined
    },
    /** Whether the roster says that this edge drains. Workers learn of a drain this way. */
    get isDraining(): boolean {
      return edges.some((edge) => edge.pathway === pathway && edge.state === 'draining')
    },
    close: (): void => void poll.close(),
  }
}
