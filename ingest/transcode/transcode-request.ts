import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import type { Log } from '../../core/process/log.ts'
import type { TranscodeQueue } from './transcode-queue.ts'

export interface TranscodeRequestOptions {
  sessionId: string
  registry: Pick<LiveRegistry, 'originAgeMs'>
  queue: Pick<TranscodeQueue, 'add' | 'hasJob'>
  log: Log
  /** Returns the time by a monotonic clock, ms; tests replace it. */
  now?: () => number
}

/**
 * Time since a transcoder last wrote the origin of a session, ms, from which the session may have none: two
 * heartbeats and a margin.
 */
const staleMs = 3200

/**
 * Requests the transcode of one session, again when the job is lost: for example when Redis came back without
 * it, or when a transcoder took the job while the session could not be seen.
 */
export function createTranscodeRequest(options: TranscodeRequestOptions) {
  const { sessionId, registry, queue, log, now = () => performance.now() } = options
  let attempt = 0
  /** When a check first found no transcode; undefined while there is one. */
  let missingSince: number | undefined

  function add() {
    attempt += 1
    queue.add(sessionId, attempt).catch((error) => log.error({ sessionId, err: error }, 'no transcode job'))
  }

  return {
    /** Time for which no transcoder has written the origin of the session, ms; 0 while one does. */
    get missingMs(): number {
      return missingSince === undefined ? 0 : now() - missingSince
    },

    /** Requests the transcode for the first time. */
    start(): void {
      if (attempt === 0) add()
    },

    /**
     * Requests the transcode again if no transcoder works on the session and no job is left. Rejects while
     * Redis is away.
     */
    async check(): Promise<void> {
      if (attempt === 0) return
      const ageMs = await registry.originAgeMs(sessionId)
      if (ageMs !== undefined && ageMs < staleMs) {
        missingSince = undefined
        return
      }
      const isFirst = missingSince === undefined
      missingSince ??= now()
      // A transcoder that lives may not have written since Redis is back. Its next heartbeat shows it.
      const isLost = ageMs === undefined ? now() - missingSince >= staleMs : !isFirst
      if (!isLost || (await queue.hasJob(sessionId, attempt))) return
      log.warn({ sessionId, attempt }, 'the session has no transcode: it is requested again')
      add()
    },
  }
}
