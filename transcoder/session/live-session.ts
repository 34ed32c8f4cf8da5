import { setTimeout as delay } from 'node:timers/promises'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import type { Source } from '../../core/media/source.ts'
import type { Log } from '../../core/process/log.ts'

/** A session of which is known what it sends. */
export interface KnownSession extends LiveSession {
  source: Source
}

type Registry = Pick<LiveRegistry, 'session'>

const isKnown = (session: LiveSession): session is KnownSession => session.source !== null

const sourceTimeoutMs = 10_000
const sourcePollMs = 100
const followMs = 1000

/**
 * The session of a job, once its source is known; undefined when there is none, or it tells no source within 10 s.
 * Rejects when the registry is away.
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

export type FollowedSession = ReturnType<typeof followSession>

/** Keeps the newest record of a session at hand until `close`. A registry that is away changes nothing. */
export function followSession(registry: Registry, first: KnownSession, log: Log) {
  let latest = first
  let missingSince: number | undefined

  /** Whether the record is there; undefined when nobody can tell. */
  async function look(): Promise<boolean | undefined> {
    try {
      const session = await registry.session(first.sessionId)
      if (session !== undefined && isKnown(session)) latest = session
      missingSince = session === undefined ? (missingSince ?? performance.now()) : undefined
      return session !== undefined
    } catch (error) {
      log.debug({ err: error }, 'the live registry is away')
      return undefined
    }
  }

  const timer = setInterval(() => void look(), followMs)

  return {
    get latest(): KnownSession {
      return latest
    },
    /** How long the record has been missing, ms. */
    get missingMs(): number {
      return missingSince === undefined ? 0 : performance.now() - missingSince
    },
    look,
    close: () => clearInterval(timer),
  }
}
