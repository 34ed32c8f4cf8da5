import { type LiveRegistry, staleOriginMs } from '../../core/contracts/live-registry.ts'
import type { Log } from '../../core/process/log.ts'
import type { TranscodeQueue } from './transcode-queue.ts'

export interface TranscodeRequestOptions {
  sessionId: string
  registry: Pick<LiveRegistry, 'origin' | 'originAgeMs' | 'noteLost'>
  queue: Pick<TranscodeQueue, 'add' | 'hasJob' | 'passOn'>
  log: Log
  /** Returns the time by a monotonic clock, ms; tests replace it. */
  now?: () => number
}

/** Number of looks in a row that find the origin stale, after which its transcoder counts as frozen. */
const staleLooks = 2

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
  let stale = 0

  function add() {
    attempt += 1
    queue.add(sessionId, attempt).catch((error) => log.error({ sessionId, err: error }, 'no transcode job'))
  }

  /**
   * Passes the job on to another transcoder, because the present one is dead or frozen. If it is neither, it
   * may get the job back, and continues.
   */
  async function passOn(): Promise<void> {
    if (attempt === 0) return
    const origin = await registry.origin(sessionId)
    if (origin !== undefined) await registry.noteLost(sessionId, origin.transcoder)
    const isPassed = await queue.passOn(sessionId, attempt)
    if (isPassed)
      log.warn({ sessionId, transcoder: origin?.transcoder }, 'the transcoder of this session was lost')
  }

  return {
    passOn: () => passOn().catch((error) => log.debug({ sessionId, err: error }, 'job not passed on')),

    /** Passes the job on when its transcoder has stopped to write the origin. Never rejects. */
    async look(): Promise<void> {
      if (attempt === 0) return
      const ageMs = await registry.originAgeMs(sessionId).catch(() => undefined)
      stale = ageMs !== undefined && ageMs >= staleOriginMs ? stale + 1 : 0
      if (stale === staleLooks) await this.passOn()
    },

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

export type TranscodeRequest = ReturnType<typeof createTranscodeRequest>
