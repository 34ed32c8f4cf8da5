import type { EdgeReport } from '../../core/contracts/edge-roster.ts'
import type { PublicPlace } from '../../core/contracts/public-place.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'

/** What this needs of the roster. */
export interface RosterSource {
  edges(): Promise<EdgeReport[]>
  steering(): Promise<PublicPlace | undefined>
}

export type RosterWatch = ReturnType<typeof watchRoster>

const everyMs = 1500

/** The other edges and the place of steering as this edge knows them; while Redis is away both stay as they were. */
export function watchRoster(source: RosterSource, pathway: string, log: Log) {
  let edges: readonly EdgeReport[] = []
  let steering: PublicPlace | undefined

  async function look() {
    try {
      ;[edges, steering] = await Promise.all([source.edges(), source.steering()])
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'edges could not be read, going on with those known')
    }
  }
  const timer = setInterval(() => void look(), everyMs)
  void look()

  return {
    /** Where players are to ask which edge to take; undefined as long as there is no choice, or nobody to ask. */
    get steering(): PublicPlace | undefined {
      return edges.length > 1 ? steering : undefined
    },
    get isDraining(): boolean {
      return edges.some((edge) => edge.pathway === pathway && edge.state === 'draining')
    },
    close: (): void => clearInterval(timer),
  }
}
