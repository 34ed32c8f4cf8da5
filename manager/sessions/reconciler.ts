import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { StopRequest } from '../../core/contracts/stop-requests.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import type { LiveSnapshot } from './live-view.ts'

interface SessionHistory {
  liveIds(): Promise<string[]>
  endLost(id: string, endedAt: number): Promise<boolean>
  adopt(session: LiveSession): Promise<void>
  notePeak(id: string, viewers: number): Promise<void>
}

export interface ReconcilerParts {
  live: { readonly snapshot: LiveSnapshot; readonly problem: string | undefined }
  history: SessionHistory
  channels: { withdrawn(ids: readonly string[]): Promise<Set<string>> }
  stops: { request(stop: StopRequest): Promise<void> }
  log: Log
}

const everyMs = 2000
/** A session without a registry record for this long is over, ms. Its ingest would have told it four times by then. */
const lostAfterMs = 10_000

/** Brings history in line with what is live, for whatever the session log did not tell: a killed ingest, a trimmed log. */
export function createReconciler(parts: ReconcilerParts) {
  const round = createReconciliation(parts)
  let failing = false
  return createPoll(
    async () => {
      try {
        await round()
        failing = false
      } catch (error) {
        if (!failing) parts.log.warn({ err: messageOf(error) }, 'sessions could not be checked')
        failing = true
      }
    },
    { everyMs },
  )
}

/** One round at a time of what the reconciler does; `now` is a clock in ms. */
export function createReconciliation(
  { live, history, channels, stops, log }: ReconcilerParts,
  now: () => number = Date.now,
) {
  /** Since when a session that history calls live has no record, ms. */
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
        log.warn({ sessionId: id, reason: 'ingest_lost' }, 'session ended: its ingest went away')
    }
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
    // Nobody is declared lost on hearsay; after an outage every ingest gets the whole time again to show itself.
    if (live.problem !== undefined) return missingSince.clear()
    const { snapshot } = live
    const known = await history.liveIds()
    await endLost(known, snapshot.sessions)
    const unknown = new Set(snapshot.sessions.keys())
    for (const id of known) unknown.delete(id)
    for (const id of unknown) {
      const session = snapshot.sessions.get(id)
      if (session) await history.adopt(session)
    }
    await stopWithdrawn(snapshot.sessions)
    await notePeaks(snapshot)
  }
}
