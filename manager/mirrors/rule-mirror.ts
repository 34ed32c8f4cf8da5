import { randomUUID } from 'node:crypto'
import type { PlaybackRules } from '../../core/contracts/playback-rules.ts'
import type { Log } from '../../core/process/log.ts'
import { createMirror, type MirrorRedis } from './mirror.ts'

/** The playback rules in the store, which Redis must agree with. */
interface RuleStore {
  rules(now: number): Promise<PlaybackRules>
  version(): Promise<string | undefined>
}

/** The copy in Redis that edges read. */
interface RuleTarget {
  put(rules: PlaybackRules, version: string): Promise<void>
}

export type RuleMirror = ReturnType<typeof createRuleMirror>

/** Keeps a copy of the playback rules in Redis for the edges. Each write replaces all rules. */
export function createRuleMirror(source: RuleStore, target: RuleTarget, redis: MirrorRedis, log: Log) {
  const mirror = createMirror({
    what: 'playback rules',
    version: source.version,
    // A version that is new with each write lets edges notice a Redis that came back with an older state.
    writeAll: async () => target.put(await source.rules(Date.now()), randomUUID()),
    redis,
    log,
  })
  return {
    /** Makes Redis agree with the store. Rejects when Redis is away or fails. */
    settle: mirror.writeEverything,
    close: mirror.close,
  }
}
