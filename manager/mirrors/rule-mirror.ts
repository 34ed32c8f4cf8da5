import { randomUUID } from 'node:crypto'
import type { PlaybackRules } from '../../core/contracts/playback-rules.ts'
import type { Log } from '../../core/process/log.ts'
import { createMirror, type MirrorRedis } from './mirror.ts'

/** Where playback rules are read: the store. */
interface RuleStore {
  rules(now: number): Promise<PlaybackRules>
  version(): Promise<string | undefined>
}

/** Where edges read them. */
interface RuleTarget {
  put(rules: PlaybackRules, version: string): Promise<void>
}

export type RuleMirror = ReturnType<typeof createRuleMirror>

/** Mirrors the playback rules to the edges, always as a whole. */
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
    /** Makes Redis agree with the store. Rejects when Redis is away. */
    settle: mirror.writeEverything,
    close: mirror.close,
  }
}
