import type { PlaybackRuleBoard } from '../../core/contracts/playback-rules.ts'
import type { Log } from '../../core/process/log.ts'
import type { Redis } from '../../core/process/redis.ts'
import type { RuleSource } from './rule-watch.ts'

/** The rules in Redis as a source; `subscriber` is a connection of its own that waits while Redis is away. */
export function ruleSource(board: PlaybackRuleBoard, subscriber: Redis, log: Log): RuleSource {
  return {
    version: board.version,
    read: board.read,
    watch(onChange) {
      // What was said while Redis was away is lost, hence the look.
      subscriber.on('ready', onChange)
      board
        .watch(subscriber, onChange)
        .catch((error: unknown) =>
          log.warn({ err: error }, 'playback rules cannot be watched, looking every second'),
        )
    },
  }
}
