import { createSessionLog, type SessionEvent } from '../../core/contracts/session-log.ts'
import type { StopRequests } from '../../core/contracts/stop-requests.ts'
import type { Log } from '../../core/process/log.ts'
import type { Redis } from '../../core/process/redis.ts'
import type { Store } from '../store/store.ts'
import { createHistorian } from './historian.ts'
import { createHistorySweep, type Retention } from './history-sweep.ts'
import type { LiveView } from './live-view.ts'
import { createReconciler } from './reconciler.ts'

export interface HistoryDependencies {
  store: Store
  live: LiveView
  stops: StopRequests
  logReader: Redis
  /** Called with the events that this manager has written. */
  onEvents(events: readonly SessionEvent[]): void
  retention: Retention
  log: Log
}

/**
 * Keeps the history of sessions. The historian follows the session log. The reconciler adds what the log
 * lacks, such as the end of a session whose ingest was killed. The sweep removes what is older than the
 * retention.
 */
export function keepHistory({
  store,
  live,
  stops,
  logReader,
  onEvents,
  retention,
  log,
}: HistoryDependencies) {
  const { sessions: history, channels } = store
  const historian = createHistorian(createSessionLog(logReader), history, log, onEvents)
  const reconciler = createReconciler({ live, history, channels, stops, log })
  const sweep = createHistorySweep(history, retention, log)
  return {
    async close(): Promise<void> {
      await Promise.all([historian, reconciler, sweep].map((each) => each.close()))
    },
  }
}
