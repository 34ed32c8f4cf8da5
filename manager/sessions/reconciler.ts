import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { StopRequest } from '../../core/contracts/stop-requests.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import { reportFailures } from '../../core/mechanisms/report-failures.ts'
import type { Log } from '../../core/process/log.ts'
import type { LiveSnapshot } from './live-view.ts'

interface SessionHistory {
  liveIds(): Promise<string[]>
  endLost(id: string, endedAt: number): Promise<boolean>
  adopt(session: LiveSession): Promise<void>
  notePeak(id: string, viewers: number): Promise<void>
}

export interface ReconcilerDependencies {
  live: { readonly snapshot: LiveSnapshot; readonly problem: string | undefined }
  history: SessionHistory
  channels: { withdrawn(ids: readonly string[]): Promise<Set<string>> }
  stops: { request(stop: StopRequest): Promise<void> }
  log: Log
}

const everyMs = 2000
/**
 * Time without a record in the live registry after which a session is over, ms. An ingest that runs writes
 * the record several times in that time.
 */
const lostAfterMs = 10_000

/**
 * Creates the reconciler, which corrects the history where the session log is incomplete: an ingest was
 * killed, or the log was trimmed. It also ends the sessions of disabled and deleted channels, and stores the
 * peaks of viewers.
 */
export function createReconciler(dependencies: ReconcilerDependencies) {
  const reconcile = createReconciliation(dependencies)
  return createPoll(reportFailures(reconcile, dependencies.log, 'history not reconciled'), { everyMs })
}

/** Returns a function that reconciles once. `now` is a clock in ms, which tests set. */
export function createReconciliation(
  { live, history, channels, stops, log }: ReconcilerDependencies,
  now: () => number = Date.now,
) {
  /**
   * When a session that is live in the history was first missing from the registry, ms by `now`; the key is
   * the session's id.
   */
  const missingSince = new Map<string, number>()
  const peaks = new Map<string, number>()

  async function endLost(known: readonly string[], sessions: LiveSnapshot['sessions']) {
    const missing = known.filter((id) => !sessions.has(id))
    for (const id of missingSince.keys()) if (!missing.includes(id)) missingSince.delete(id)
    for (const id of missing) {
      const since = missingSince.get(id) ?? now()
      missingSince.set(id, since)
      if (now() - since < lostAfterMs) continue
      if (await history.endLost(id, since))
        log.warn({ sessionId: id, reason: 'ingest_lost' }, 'session ended because its ingest was lost')
    }
  }

  async function adoptUnknown(known: readonly string[], sessions: LiveSnapshot['sessions']) {
    const unknown = new Map(sessions)
    for (const id of known) unknown.delete(id)
    for (const session of unknown.values()) await history.adopt(session)
  }

  async function stopWithdrawn(sessions: LiveSnapshot['sessions']) {
    const withdrawn = await channels.withdrawn([...sessions.values()].map(({ channelId }) => channelId))
    for (const { sessionId, channelId } of sessions.values())
      if (withdrawn.has(channelId))
        await stops.request({ sessionId, reason: 'channel_removed', detail: null })
  }

  async function notePeaks({ sessions, viewers }: LiveSnapshot) {
    for (const id of peaks.keys()) if (!sessions.has(id)) peaks.delete(id)
    for (const { sessionId, slug } of sessions.values()) {
      const count = viewers.get(slug) ?? 0
      if (count <= (peaks.get(sessionId) ?? 0)) continue
      await history.notePeak(sessionId, count)
      peaks.set(sessionId, count)
    }
  }

  return async () => {
    // No session is declared lost on old data. After an outage every ingest gets the full time again.
    if (live.problem !== undefined) return missingSince.clear()
    const { snapshot } = live
    const known = await history.liveIds()
    await endLost(known, snapshot.sessions)
    await adoptUnknown(known, snapshot.sessions)
    await stopWithdrawn(snapshot.sessions)
    await notePeaks(snapshot)
  }
}
