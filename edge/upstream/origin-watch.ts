import type { Origin, RegistryChange } from '../../core/contracts/live-records.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import type { OriginTable } from './origin-table.ts'

/** What this needs of the live registry, the watching connection included. */
export interface OriginSource {
  origin(sessionId: string): Promise<Origin | undefined>
  origins(): Promise<Origin[]>
  /** Ids of all sessions that are live, with or without an origin. */
  sessionIds(): Promise<string[]>
  /** Calls `onChange` for each change, and `onReady` whenever messages may have been missed before. */
  watch(onChange: (change: RegistryChange) => void, onReady: () => void): void
}

export interface OriginWatchOptions {
  log: Log
  now: () => number
  /** Time between two whole looks, ms. */
  everyMs?: number
  /** Shortest time between two looks that viewers asked for, ms. */
  atMostEveryMs?: number
}

/** So many viewers may wait for one look; the rest are told at once that there is nothing. */
const mostAskers = 1000

export type OriginWatch = ReturnType<typeof watchOrigins>

/** Keeps `table` true: listens to changes, and looks for itself because messages get lost. */
export function watchOrigins(source: OriginSource, table: OriginTable, options: OriginWatchOptions) {
  const { log, now, everyMs = 1000, atMostEveryMs = 250 } = options
  let looking: Promise<boolean> | undefined
  let lookedAt = -Infinity
  let askers = 0
  let hasLooked = false
  const first = Promise.withResolvers<void>()

  /** One look at a time; true when the registry answered. */
  function look(): Promise<boolean> {
    if (looking === undefined) lookedAt = now()
    looking ??= Promise.all([source.origins(), source.sessionIds()])
      .then(
        ([origins, sessionIds]) => {
          table.putAll(origins, new Set(sessionIds), now())
          hasLooked = true
          first.resolve()
          return true
        },
        (error: unknown) => {
          log.debug({ reason: messageOf(error) }, 'origins could not be read, going on with what is known')
          return false
        },
      )
      .finally(() => {
        looking = undefined
      })
    return looking
  }

  async function onChange({ kind, change, sessionId }: RegistryChange) {
    if (kind !== 'origin') return
    if (change === 'gone') return table.remove(sessionId)
    const origin = await source.origin(sessionId).catch(() => undefined)
    if (origin) table.put(origin)
  }

  source.watch(
    (change) => void onChange(change),
    () => void look(),
  )
  const timer = setInterval(() => void look(), everyMs)

  return {
    /** Whether the registry has ever been read. */
    get hasLooked() {
      return hasLooked
    },

    /** Resolves after the first look that succeeded, or after `timeoutMs`. */
    async firstLook(timeoutMs: number): Promise<void> {
      const timer = setTimeout(first.resolve, timeoutMs)
      await first.promise
      clearTimeout(timer)
    },

    /**
     * A look because a viewer asked for a session that is not known: undefined when there was one a moment ago, so that
     * unknown ids cost Redis nothing however many there are.
     */
    lookAgain(): Promise<boolean> | undefined {
      if (looking === undefined && now() - lookedAt < atMostEveryMs) return undefined
      if (looking === undefined) askers = 0
      askers += 1
      return askers > mostAskers ? undefined : look()
    },

    close: (): void => clearInterval(timer),
  }
}
