import { setTimeout as delay } from 'node:timers/promises'
import { type LiveSession, publishOf } from '../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import type { Source } from '../../core/media/source.ts'
import type { Log } from '../../core/process/log.ts'

export interface KnownSession extends LiveSession {
  source: Source
}

type Registry = Pick<LiveRegistry, 'session'>

const isKnown = (session: LiveSession): session is KnownSession => session.source !== null

/** Maximum time to wait until the source of a session is known, and interval of the check; ms. */
const sourceTimeoutMs = 10_000
const sourcePollMs = 100
/** Interval at which the record of the session is read, ms. */
const followMs = 1000

/**
 * Waits for the source of a session. Returns undefined if there is no such session, if its source is not
 * known within 10 s, or if `signal` aborts. Rejects while the registry is away.
 */
export async function findSession(
  registry: Registry,
  sessionId: string,
  signal: AbortSignal,
): Promise<KnownSession | undefined> {
  const deadline = Date.now() + sourceTimeoutMs
  while (!signal.aborted && Date.now() < deadline) {
    const session = await registry.session(sessionId)
    if (session === undefined) return undefined
    if (isKnown(session)) return session
    await delay(sourcePollMs, undefined, { signal }).catch(() => {})
  }
  return undefined
}

/** Whether the record of the session exists; `unknown` when the newest read failed. */
export type SessionPresence = 'present' | 'missing' | 'unknown'

export type FollowedSession = ReturnType<typeof followSession>

/**
 * Reads the record of a session regularly until `close`. While the registry is away the last record stays.
 */
export function followSession(registry: Registry, first: KnownSession, log: Log) {
  let record: LiveSession = first
  let latest = first
  let presence: SessionPresence = 'present'
  let missingSince: number | undefined

  async function read(): Promise<void> {
    try {
      const session = await registry.session(first.sessionId)
      if (session !== undefined) record = session
      if (session !== undefined && isKnown(session)) latest = session
      missingSince = session === undefined ? (missingSince ?? performance.now()) : undefined
      presence = session === undefined ? 'missing' : 'present'
    } catch (error) {
      log.debug({ err: error }, 'the live registry is away')
      presence = 'unknown'
    }
  }

  const poll = createPoll(read, { everyMs: followMs })

  return {
    /** The newest record. */
    get record(): LiveSession {
      return record
    },
    /** The newest record in which the source is known. */
    get latest(): KnownSession {
      return latest
    },
    /** Number of the newest publish whose source is known. */
    get publish(): number {
      return publishOf(latest)
    },
    /** Whether the session has no publisher, or one whose source is not known yet. */
    get isWaiting(): boolean {
      return record.interruption !== undefined || record.source === null
    },
    /** When a session without a publisher ends, ms since 1970; Infinity for one with a publisher. */
    get endsAt(): number {
      return record.interruption?.until ?? Number.POSITIVE_INFINITY
    },
    /** Time for which the record has been missing, ms; 0 while it exists. */
    get missingMs(): number {
      return missingSince === undefined ? 0 : performance.now() - missingSince
    },
    /** Reads the record now, in addition to the regular reads. Never rejects. */
    async check(): Promise<SessionPresence> {
      await poll.run()
      return presence
    },
    close: () => void poll.close(),
  }
}
