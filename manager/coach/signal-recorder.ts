import { isWorse } from '../../core/coach/issues/issue.ts'
import { type Moment, review } from '../../core/coach/review.ts'
import type { SignalLog } from '../../core/coach/signal/signal-log.ts'
import { mergeSamples } from '../../core/coach/signal/signal-sample.ts'
import { type LiveSession, publishOf } from '../../core/contracts/live-records.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import { reportFailures } from '../../core/mechanisms/report-failures.ts'
import type { Log } from '../../core/process/log.ts'
import type { LiveSnapshot } from '../sessions/live-view.ts'
import { type SignalHistory, type SignalStep, type StoredIssue, stepMs } from '../store/signal-history.ts'
import { factsOf } from './session-facts.ts'

/** Number of newest samples from which the rules know the present issues. Their times are shorter. */
const reviewedSamples = 120
/** Time between two looks at which sessions are live, and between two writes of one session, ms. */
const [lookEveryMs, writeEveryMs] = [1000, stepMs]
/** Number of publishes of a session from which reconnects may be an issue, so that all samples count. */
const manyPublishes = 4

export interface RecorderDependencies {
  live: { readonly snapshot: LiveSnapshot; readonly problem: string | undefined }
  signals: Pick<SignalLog, 'newest'>
  history: Pick<SignalHistory, 'add' | 'newest'>
  log: Log
}

/**
 * Writes the signals of live sessions into the history, in steps of ten seconds. Samples stay in Redis for
 * ten minutes, so a manager that was away, or another one, writes what is missing. Several managers may do
 * so at the same time, because they find the same.
 */
export function createSignalRecorder(dependencies: RecorderDependencies) {
  const record = createRecording(dependencies)
  return createPoll(reportFailures(record, dependencies.log, 'signals not written to the history yet'), {
    everyMs: lookEveryMs,
  })
}

interface RecordedSession {
  session: LiveSession
  /** Start of the newest step in the history, ms since the epoch; 0 when it has none. */
  newestStep: number
  /** When this manager wrote steps the last time, ms by `now`; undefined: never. */
  writtenAt: number | undefined
}

/** Returns a function that writes once all steps that have become complete. */
export function createRecording(
  { live, signals, history }: RecorderDependencies,
  now: () => number = () => performance.now(),
) {
  /** Sessions that were live at the last call. */
  const known = new Map<string, RecordedSession>()

  async function write(entry: RecordedSession, isOver: boolean, snapshot: LiveSnapshot) {
    const { session, newestStep, writtenAt } = entry
    const { sessionId } = session
    const all = writtenAt === undefined || publishOf(session) >= manyPublishes
    const samples = await signals.newest(sessionId, all ? undefined : reviewedSamples)
    const moments = review(samples, factsOf(session, snapshot))
    const steps = stepsOf(sessionId, moments, isOver).filter(({ at }) => at > newestStep)
    await history.add(steps)
    entry.newestStep = steps.at(-1)?.at ?? newestStep
    entry.writtenAt = now()
  }

  return async () => {
    // While the registry cannot be read, sessions that seem to be over may be live.
    if (live.problem !== undefined) return
    const { snapshot } = live
    for (const session of snapshot.sessions.values()) {
      const { sessionId } = session
      const former = known.get(sessionId)
      const newestStep = former?.newestStep ?? (await history.newest(sessionId)) ?? 0
      known.set(sessionId, { session, newestStep, writtenAt: former?.writtenAt })
    }
    for (const [id, entry] of [...known]) {
      const isOver = !snapshot.sessions.has(id)
      const isDue = entry.writtenAt === undefined || now() - entry.writtenAt >= writeEveryMs
      if (isOver || isDue) await write(entry, isOver, snapshot)
      if (isOver) known.delete(id)
    }
  }
}

/** Returns the steps of moments; without the newest one, which may not be complete, unless `isOver`. */
export function stepsOf(sessionId: string, moments: readonly Moment[], isOver: boolean): SignalStep[] {
  const groups = Map.groupBy(moments, ({ sample }) => Math.floor(sample.at / stepMs) * stepMs)
  const steps = [...groups].map(([at, inStep]) => ({
    sessionId,
    at,
    sample: { ...mergeSamples(inStep.map(({ sample }) => sample)), at },
    issues: worstOf(inStep),
  }))
  return isOver ? steps : steps.slice(0, -1)
}

/** Returns each issue of some moments once, with the figures that it had when it was worst. */
function worstOf(moments: readonly Moment[]): StoredIssue[] {
  const worst = new Map<string, StoredIssue>()
  for (const { issues } of moments)
    for (const { code, severity, measured, wanted } of issues) {
      const former = worst.get(code)
      if (former === undefined || !isWorse(former.severity, severity))
        worst.set(code, { code, severity, measured, wanted })
    }
  return [...worst.values()]
}
