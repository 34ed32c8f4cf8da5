import type { SignalLog } from '../../core/coach/signal/signal-log.ts'
import type { Log } from '../../core/process/log.ts'
import { createSweep } from '../retention/sweep.ts'
import type { LiveView } from '../sessions/live-view.ts'
import type { SessionStore } from '../store/sessions.ts'
import type { SignalHistory } from '../store/signal-history.ts'
import { createCoachTokens } from './coach-token.ts'
import { createHealthService } from './health-service.ts'
import { createSignalRecorder } from './signal-recorder.ts'

export interface CoachOptions {
  store: { sessions: SessionStore; signals: SignalHistory }
  live: LiveView
  signals: SignalLog
  /** Key that signs the addresses of coach pages. */
  coachKey: string
  settings: { signalHistoryDays: number }
  log: Log
}

export type Coach = ReturnType<typeof wireCoach>

/** Maximum number of steps of signals that one statement removes. Other writers wait for it. */
const batch = 500
const dayMs = 24 * 3_600_000

/** Creates the parts of the coach, and starts to record signals and to remove old ones. */
export function wireCoach({ store, live, signals, coachKey, settings, log }: CoachOptions) {
  const { sessions, signals: history } = store
  const { signalHistoryDays: days } = settings
  const recorder = createSignalRecorder({ live, signals, history, log })
  const removeOld = async (now: number) => (days === 0 ? 0 : history.removeBefore(now - days * dayMs, batch))
  const sweep = createSweep('steps of signals', removeOld, log)
  return {
    tokens: createCoachTokens(coachKey),
    health: createHealthService({ sessions, history, signals, live }),
    async close(): Promise<void> {
      await Promise.all([recorder.close(), sweep.close()])
    },
  }
}
