import { messageOf, NowcastError } from '../../core/process/errors.ts'
import { type Log, logContext } from '../../core/process/log.ts'

/** The connection to Redis. It emits `ready` after each reconnection too. */
export interface MirrorRedis {
  readonly status: string
  on(event: 'ready', listener: () => void): unknown
}

export interface MirrorOptions {
  /** What is copied, as a noun for log lines: `stream keys`. */
  what: string
  /**
   * Reads the version of the store's content, which differs from its last value after every change; undefined
   * before the first change.
   */
  version(): Promise<string | undefined>
  /** Replaces the whole copy in Redis by what the store contains. */
  writeAll(): Promise<void>
  redis: MirrorRedis
  log: Log
}

/** Time to the next attempt after a failed write, ms. */
const retryMs = 1000

/**
 * Creates a mirror, which keeps a copy in Redis of something in the store. Writes run one after the other,
 * and each writes what the store contains at that time. Everything is written when Redis is first ready,
 * whenever it comes back, and after any write that failed. Such a write is repeated if the store changed
 * meanwhile. So a late write, also by another manager, cannot restore what was revoked.
 */
export function createMirror({ what, version, writeAll, redis, log }: MirrorOptions) {
  let queue: Promise<void> = Promise.resolve()
  let retry: NodeJS.Timeout | undefined
  let state: 'current' | 'stale' | 'closed' = 'current'

  /**
   * Runs `write` after the queued ones, or rejects without running it while Redis is away. A failure
   * schedules a write of everything.
   */
  function enqueue(write: () => Promise<void>): Promise<void> {
    const result = queue.then(async () => {
      if (isAway(redis)) throw new NowcastError('unavailable', 'redis is away')
      await write()
    })
    queue = result.catch(() => {
      clearTimeout(retry)
      // Outside of the context of the request whose write failed.
      if (state !== 'closed') retry = logContext.exit(() => setTimeout(heal, retryMs))
    })
    return result
  }

  async function writeUntilUnchanged() {
    if (state === 'closed') return
    let written: string | undefined
    do {
      written = await version()
      await writeAll()
    } while (written !== (await version()))
    clearTimeout(retry)
    if (state === 'stale') state = 'current'
    log.debug(`${what} mirrored`)
  }

  const writeEverything = () => enqueue(writeUntilUnchanged)

  function heal() {
    void writeEverything().catch((error) => {
      if (state !== 'current') return
      state = 'stale'
      log.warn({ err: messageOf(error) }, `${what} not mirrored yet`)
    })
  }

  redis.on('ready', heal)
  if (redis.status === 'ready') heal()

  return {
    /**
     * Queues the write of a part, such as one channel. Rejects when it fails or Redis is away; everything is
     * then written later.
     */
    write: enqueue,
    /**
     * Queues a write of everything. Resolves when Redis agrees with the store. Rejects when it fails or Redis
     * is away; it is then repeated.
     */
    writeEverything,

    /** Stops retries. Resolves when the queued writes have ended. */
    async close(): Promise<void> {
      state = 'closed'
      clearTimeout(retry)
      await queue
    },
  }
}

/** Whether the connection is known to be broken. A command would fail too, but it may take seconds. */
export function isAway({ status }: { readonly status: string }): boolean {
  return status === 'reconnecting' || status === 'close' || status === 'end'
}
