import type { RegistryChange } from '../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import type { Log } from '../../core/process/log.ts'
import type { Redis } from '../../core/process/redis.ts'
import type { OriginSource } from './origin-watch.ts'

/** The live registry as a source of origins; `subscriber` is a connection of its own that waits while Redis is away. */
export function originSource(registry: LiveRegistry, subscriber: Redis, log: Log): OriginSource {
  return {
    origin: registry.origin,
    origins: registry.origins,
    sessionIds: registry.sessionIds,
    watch(onChange: (change: RegistryChange) => void, onReady: () => void) {
      // Subscriptions are taken up again by the client itself; what was said in between is lost, hence the look.
      subscriber.on('ready', onReady)
      registry
        .watch(subscriber, onChange)
        .catch((error: unknown) =>
          log.warn({ err: error }, 'changes cannot be watched, looking every second'),
        )
    },
  }
}
