import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import type { Log } from '../../core/process/log.ts'
import type { Remover } from './remover.ts'
import type { SegmentStore } from './segment-store.ts'

export interface SweepOptions {
  store: Pick<SegmentStore, 'sessions'>
  remover: Pick<Remover, 'removeSession'>
  registry: Pick<LiveRegistry, 'session' | 'origin'>
  log: Log
  /** Time between sweeps, ms; tests replace it. */
  everyMs?: number
}

/** Time limit of the list of sessions, and time after a sweep that failed, ms. */
const [listMs, afterFailureMs] = [20_000, 30_000]
/** Maximum number of sessions that one sweep removes. */
const maxRemoved = 200

/**
 * Removes the segments of sessions that no process ends any more, because it was killed: those of which the
 * live registry knows neither a session nor an origin, in two sweeps in succession.
 */
export function startSweep({ store, remover, registry, log, everyMs = 300_000 }: SweepOptions) {
  let suspects = new Set<string>()

  const isGone = async (sessionId: string) =>
    (await registry.session(sessionId)) === undefined && (await registry.origin(sessionId)) === undefined

  async function sweep(): Promise<void> {
    const gone = new Set<string>()
    let [removed, objects] = [0, 0]
    for (const sessionId of await store.sessions(AbortSignal.timeout(listMs))) {
      if (!(await isGone(sessionId))) continue
      gone.add(sessionId)
      if (!suspects.has(sessionId) || removed >= maxRemoved) continue
      objects += await remover.removeSession(sessionId)
      gone.delete(sessionId)
      removed++
    }
    suspects = gone
    if (objects > 0) log.info({ objects }, 'segments of former sessions removed')
  }

  return createPoll(sweep, { everyMs, afterFailureMs: Math.min(everyMs, afterFailureMs) })
}
