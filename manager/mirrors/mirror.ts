import { messageOf, NowcastError } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'

/** The connection to Redis, as far as a mirror uses it. */
export interface MirrorRedis {
  readonly status: string
  on(event: 'ready', listener: () => void): unknown
}

export interface MirrorOptions {
  /** What is mirrored, as it appears in log lines. */
  what: string
  /** Reads the version of the store's content, which differs from its last value after every change. */
  version(): Promise<string | undefined>
  /** Writes the store's whole content to Redis. */
  writeAll(): Promise<void>
  redis: MirrorRedis
  log: Log
}

/** Time to the next attempt after a failed write, ms. */
const retryMs = 1000

/**
 * Keeps a copy in Redis of something in the store. Writes run one after the other and write what the store
 * contains at that time. Everything is written when the mirror starts, whenever Redis comes back, and again
 * after any write that failed. A write is repeated if the store changed meanwhile, so a late write, also of
 * another manager, cannot restore what was revoked.
 */
export function createMirror({ what, version, writeAll, redis, log }: MirrorOptions) {
  let queue: Promise<void> = Promise.resolve()
  let retry: NodeJS.Timeout | undefined
  let state: 'current' | 'stale' | 'closed' = 'current'

  /** Runs one write after those before it. Rejects at once while Redis is away. */
  function enqueue(write: () => Promise<void>): Promise<void> {
    const result = queue.then(async () => {
      if (isAway(redis)) throw new NowcastError('unavailable', 'redis is away')
      await write()
    })
    queue = result.catch(() => {
      clearTimeout(retry)
      if (state !== 'closed') retry = setTimeout(heal, retryMs)
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
    /** Writes a part with `write`, after the writes before it. Rejects when Redis is away. */
    write: enqueue,
    /** Writes everything, after the writes before it. Rejects when Redis is away. */
    writeEverything,

    /** Resolves when a write in progress has ended. */
    async close(): Promise<void> {
      state = 'closed'
      clearTimeout(retry)
      await queue
    },
  }
}

/** Whether a connection is known to be broken. A command would fail only after a second. */
export function isAway({ status }: { readonly status: string }): boolean {
  return status === 'reconnecting' || status === 'close' || status === 'end'
}
