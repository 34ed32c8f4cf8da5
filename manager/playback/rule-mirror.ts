import { randomUUID } from 'node:crypto'
import type { PlaybackRules } from '../../core/contracts/playback-rules.ts'
import { messageOf, NowcastError } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import { isAway } from '../redis-away.ts'

/** The truth. */
interface RuleSource {
  rules(now: number): Promise<PlaybackRules>
  version(): Promise<string | undefined>
}

/** Where edges read. */
interface RuleTarget {
  put(rules: PlaybackRules, version: string): Promise<void>
}

/** The connection of the target. */
interface MirrorRedis {
  readonly status: string
  on(event: 'ready', listener: () => void): unknown
}

/** A write that failed is tried again after this time, ms. */
const retryMs = 1000

export type RuleMirror = ReturnType<typeof createRuleMirror>

/**
 * Keeps the playback rules in Redis as the store has them: written whole, one write after the other, and looked at again
 * afterwards, so that a late write, also of another manager, cannot bring back what was revoked. It begins at once, or as soon as Redis is there.
 */
export function createRuleMirror(source: RuleSource, target: RuleTarget, redis: MirrorRedis, log: Log) {
  let queue: Promise<void> = Promise.resolve()
  let retry: NodeJS.Timeout | undefined
  let closed = false

  async function write() {
    if (closed) return
    if (isAway(redis)) throw new NowcastError('unavailable', 'redis is away')
    let version: string | undefined
    do {
      version = await source.version()
      // Each write has a version of its own: a Redis that came back with an older state is told anew as well.
      await target.put(await source.rules(Date.now()), randomUUID())
    } while (version !== (await source.version()))
    clearTimeout(retry)
  }

  /** Makes Redis agree with the store. Rejects when Redis is away; then it is tried again. */
  function settle(): Promise<void> {
    const result = queue.then(write).catch((error: unknown) => {
      clearTimeout(retry)
      if (!closed) retry = setTimeout(heal, retryMs)
      throw error
    })
    queue = result.catch(() => {})
    return result
  }

  const heal = () =>
    void settle().catch((error) => log.warn({ err: messageOf(error) }, 'playback rules not mirrored yet'))
  redis.on('ready', heal)
  if (redis.status === 'ready') heal()

  return {
    settle,
    async close(): Promise<void> {
      closed = true
      clearTimeout(retry)
      await queue
    },
  }
}
