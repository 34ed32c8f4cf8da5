import { setTimeout as delay } from 'node:timers/promises'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import type { Source } from '../../core/media/source.ts'
import type { Log } from '../../core/process/log.ts'

/** A session whose source is known. */
export interface KnownSession extends LiveSession {
  source: Source
}

type Registry = Pick<LiveRegistry, 'session'>

const isKnown = (session: LiveSession): session is KnownSession => session.source !== null

/** Maximum time to wait for the source of a session, and the time between checks; ms. */
const sourceTimeoutMs = 10_000
const sourcePollMs = 100
/** Time between reads of the session's record, ms. */
const followMs = 1000

/**
 * Returns the session of a job once its source is known; undefined if there is no such session or its source
 * is not known within 10 s. Rejects when the registry is away.
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

/** Whether the session's record exists; `unknown` while the registry is away. */
export type SessionPresence = 'present' | 'missing' | 'unknown'

export type FollowedSession = ReturnType<typeof followSession>

/** Keeps the newest record of a session available until `close`. A registry that is away changes nothing. */
export function followSession(registry: Registry, first: KnownSession, log: Log) {
  let latest = first
  let presence: SessionPresence = 'present'
  let missingSince: number | undefined

  async function read(): Promise<void> {
    try {
      const session = await registry.session(first.sessionId)
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
    get latest(): KnownSession {
      return latest
    },
    /** How long the record has been missing, ms. */
    get missingMs(): number {
      return missingSince === undefined ? 0 : performance.now() - missingSince
    },
    /** Reads the record now. */
    async check(): Promise<SessionPresence> {
      await poll.run()
      return presence
    },
    close: () => void poll.close(),
  }
}
