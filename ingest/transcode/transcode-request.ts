import { type LiveRegistry, staleOriginMs } from '../../core/contracts/live-registry.ts'
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
 * Creates the request for the transcode of one session. It is repeated when the job is lost, for example
 * because Redis lost its data, or because a transcoder took the job while the session was missing in the
 * registry.
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

    /** Requests the transcode. Only the first call has an effect. */
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
      if (ageMs !== undefined && ageMs < staleOriginMs) {
        missingSince = undefined
        return
      }
      const isFirst = missingSince === undefined
      missingSince ??= now()
      // A running transcoder may not have written its origin since Redis came back. It does so within
      // `staleOriginMs`.
      const isLost = ageMs === undefined ? now() - missingSince >= staleOriginMs : !isFirst
      if (!isLost || (await queue.hasJob(sessionId, attempt))) return
      log.warn({ sessionId, attempt }, 'the session has no transcode: it is requested again')
      add()
    },
  }
}
