import type { EndReason } from '../../core/contracts/end-reason.ts'
import type { Interruption } from '../../core/contracts/live-records.ts'
import type { Log } from '../../core/process/log.ts'
import type { Claims } from '../publish/claims.ts'
import type { EventOutbox } from './event-outbox.ts'
import type { EndListener } from './publish-end.ts'
import type { PublishSession } from './publish-session.ts'
import type { SessionAnnouncer } from './session-announcer.ts'

export interface SessionParts {
  /** The present publish, or the last one while the session waits. */
  session: PublishSession
  announcer: SessionAnnouncer
  /** The interruption that this publish ended; undefined for the first publish. */
  former: Interruption | undefined
}

export interface LifeDependencies {
  claims: Pick<Claims, 'leave'>
  outbox: EventOutbox
  log: Log
  isClosing: () => boolean
  onEnded: (reason: EndReason) => void
  onInterrupted: () => void
  /** Called with everything that must be done before the process ends. */
  track: (work: Promise<void>) => void
}

type LifeState =
  | { at: 'publishing' }
  /** The publisher is gone. The session ends when the timer fires. */
  | { at: 'waiting'; timer: NodeJS.Timeout }
  /** The publisher has returned, and the next publish of the session is about to begin. */
  | { at: 'resuming' }
  /** The session has ended, or continues elsewhere. */
  | { at: 'gone' }

export type SessionLife = ReturnType<typeof createSessionLife>

/** Follows a session from one publish to its end, or to the next publish. */
export function createSessionLife(parts: SessionParts, dependencies: LifeDependencies) {
  const { session, announcer } = parts
  const { claims, log, track, outbox } = dependencies
  const { record, transcode } = announcer
  const { sessionId, slug, channelId } = record.current
  let state: LifeState = { at: 'publishing' }

  function enter(next: LifeState) {
    if (state.at === 'waiting') clearTimeout(state.timer)
    state = next
  }

  /** Whether a publish that ends for this reason ends the session. Otherwise it waits or is already gone. */
  const isOver = (reason: EndReason) =>
    state.at !== 'gone' && (dependencies.isClosing() || !canWait(parts, reason))

  function finish(reason: EndReason, detail: string | null) {
    enter({ at: 'gone' })
    dependencies.onEnded(reason)
    log.info({ sessionId, slug, reason, detail }, 'session ended')
    track(announcer.ended(reason, detail, session.source))
  }

  function wait(reason: EndReason, detail: string | null) {
    const interruption = interruptionOf(parts, reason)
    const { until } = interruption
    const timer = setTimeout(() => void finishWait(reason, detail), Math.max(0, until - Date.now()))
    enter({ at: 'waiting', timer })
    log.info({ sessionId, slug, reason, detail, graceMs: session.graceMs }, 'session waits for its publisher')
    dependencies.onInterrupted()
    const before = state
    const announced = announceWait(parts, interruption, outbox)
    track(announced.then((isOurs) => void (!isOurs && state === before && leave())))
  }

  /** Ends a session that waits, unless it continues at another ingest. */
  async function finishWait(reason: EndReason, detail: string | null) {
    const before = state
    const isOurs = await record.put({}, false)
    if (state === before) isOurs ? finish(reason, detail) : leave()
  }

  /** Leaves the session to the ingest where it continues or will continue. Other roles get no notice. */
  function leave() {
    enter({ at: 'gone' })
    claims.leave(channelId, sessionId)
    log.info({ sessionId, slug }, 'session is left to another ingest')
    session.end('taken_over', 'The show continues over another connection.')
  }

  const onEnd: EndListener = (reason, detail) => {
    if (state.at !== 'publishing') return
    if (isOver(reason)) finish(reason, detail)
    else wait(reason, detail)
  }

  function end(reason: EndReason, detail?: string) {
    if (state.at === 'publishing') session.end(reason, detail)
    else if (state.at === 'waiting') track(finishWait(reason, detail ?? null))
  }

  return {
    ...{ sessionId, channelId, session, record, transcode, isOver, onEnd, leave, end },
    get at() {
      return state.at
    },
    /** Announces a new session. One that continues is announced when its record is written. */
    started: () => announcer.started(session),
    /** Stops the wait of a session whose publisher has returned. Its grace time can no longer end it. */
    take: () => enter({ at: 'resuming' }),
    /** Refreshes the record and the claim, unless the session is gone or about to continue. */
    async beat(): Promise<void> {
      const before = state
      if (state.at === 'resuming' || state.at === 'gone') return
      const { source, newestMs } = state.at === 'waiting' ? record.current : session
      const isOurs = await announcer.heartbeat({ source, newestMs, end })
      if (!isOurs && state === before) leave()
    },
  }
}

/**
 * Whether a session waits after a publish that ended for this reason: only if the publisher was lost or asked
 * to move, there is a grace time, and media has begun.
 */
function canWait({ session, announcer }: SessionParts, reason: EndReason): boolean {
  const hasBegun = session.source !== null || announcer.record.current.mediaZeroAt !== undefined
  return (reason === 'publisher_lost' || reason === 'shutdown') && session.graceMs > 0 && hasBegun
}

/**
 * Returns the interruption that begins now. If the publisher returned but sent nothing, this is the previous
 * interruption, so that its end is not postponed.
 */
function interruptionOf({ session, former }: SessionParts, reason: EndReason): Interruption {
  if (former && session.lastMediaAt === undefined) return former
  const since = Date.now()
  return { since, until: since + session.graceMs, reason }
}

/**
 * Writes an interruption to the record and logs it. Returns false, and logs nothing, when the session
 * continues at another ingest: this process may have been frozen until now.
 */
async function announceWait(
  { session, announcer }: SessionParts,
  interruption: Interruption,
  outbox: EventOutbox,
): Promise<boolean> {
  const { sessionId, newestMs: formerMs } = announcer.record.current
  const { newestMs = formerMs } = session
  const times = newestMs === undefined ? {} : { newestMs }
  const isOurs = await announcer.record.put({ interruption, ...times }, true)
  const { since, reason } = interruption
  if (isOurs) outbox.append({ type: 'interrupted', at: since, sessionId, reason })
  return isOurs
}
