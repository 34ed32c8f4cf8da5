import type { EdgeReport } from '../../core/contracts/edge-roster.ts'
import type { PublicPlace } from '../../core/contracts/public-place.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'

export interface RosterSource {
  edges(): Promise<EdgeReport[]>
  steering(): Promise<PublicPlace | undefined>
}

export interface RosterWatchOptions {
  pathway: string
  log: Log
  now?: () => number
}

export type RosterWatch = ReturnType<typeof watchRoster>

const everyMs = 1500
/**
 * Time for which playlists stay steered after the last other edge has left the list, ms. An edge that is slow
 * to report is missing for a moment only, and a viewer who came in that moment could not be steered later.
 */
const lingerMs = 30_000

/**
 * Keeps the list of edges and the place of the steering server up to date. Neither changes while Redis is
 * away. `pathway`: the name of this edge; `now`: a clock in ms.
 */
export function watchRoster(
  source: RosterSource,
  { pathway, log, now = () => performance.now() }: RosterWatchOptions,
) {
  let edges: readonly EdgeReport[] = []
  let steering: PublicPlace | undefined
  let othersAt = Number.NEGATIVE_INFINITY

  async function refresh() {
    try {
      ;[edges, steering] = await Promise.all([source.edges(), source.steering()])
      if (edges.length > 1) othersAt = now()
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'cannot read the edge roster, keeping the known edges')
    }
  }
  const poll = createPoll(refresh, { everyMs })

  return {
    /**
     * Where players ask which edge to use; undefined when there was no other edge for `lingerMs`, or is no
     * steering server.
     */
    get steering(): PublicPlace | undefined {
      return now() - othersAt <= lingerMs ? steering : undefined
    },
    /** Whether the roster says that this edge drains. Workers learn of a drain this way. */
    get isDraining(): boolean {
      return edges.some((edge) => edge.pathway === pathway && edge.state === 'draining')
    },
    close: (): void => void poll.close(),
  }
}
