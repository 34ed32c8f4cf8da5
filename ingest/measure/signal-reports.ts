import type { SignalLog } from '../../core/coach/signal/signal-log.ts'
import { type LiveSession, publishOf } from '../../core/contracts/live-records.ts'
import type { Measures } from './signal-meter.ts'

/** Time between two samples of a session, ms. */
const everyMs = 1000

interface MeasuredLife {
  at: string
  session: { measure(now: number): Measures | undefined }
  record: { current: LiveSession }
}

/**
 * Writes one sample each second of each session that publishes. While Redis is away, or too slow, samples are
 * lost; sessions continue.
 */
export function reportSignals(present: () => readonly MeasuredLife[], signals: Pick<SignalLog, 'append'>) {
  let writing: Promise<unknown> | undefined

  const timer = setInterval(() => {
    const [now, at] = [performance.now(), Date.now()]
    // Each session is measured, also when its sample is lost, so that the next one is of a second again.
    const samples = present().flatMap((life) => {
      const measures = life.at === 'publishing' ? life.session.measure(now) : undefined
      const { sessionId, ...record } = life.record.current
      return measures ? [{ sessionId, sample: { at, publish: publishOf(record), ...measures } }] : []
    })
    if (writing !== undefined) return
    writing = Promise.allSettled(
      samples.map(({ sessionId, sample }) => signals.append(sessionId, sample)),
    ).then(() => {
      writing = undefined
    })
  }, everyMs)

  return { close: () => clearInterval(timer) }
}
