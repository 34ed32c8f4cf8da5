import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { SessionEvent } from '../../core/contracts/session-log.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'

interface EventLog {
  read(position: string, blockMs: number): Promise<{ position: string; event: SessionEvent }[]>
}

interface History {
  position(): Promise<string | undefined>
  apply(events: readonly SessionEvent[], from: string | undefined, to: string): Promise<boolean>
}

/** A read waits this long for news, ms. */
const blockMs = 5000
/** After a failure the next try waits this long, ms. */
const pauseMs = 1000

/**
 * Turns the session log into history until it is closed: each event once, in order, over restarts, outages of Redis and
 * other managers that do the same. `onEvents` hears of what was written.
 */
export function createHistorian(
  events: EventLog,
  history: History,
  log: Log,
  onEvents: (events: readonly SessionEvent[]) => void = () => {},
) {
  const ending = new AbortController()
  // A read that waits for Redis may never answer, not even when its connection is closed.
  const ended = once(ending.signal, 'abort').then(() => [])

  async function readOn() {
    const from = await history.position()
    const entries = await Promise.race([events.read(from ?? '0', blockMs), ended])
    const last = entries.at(-1)
    if (last === undefined) return
    const read = entries.map(({ event }) => event)
    if (await history.apply(read, from, last.position)) onEvents(read)
  }

  async function run() {
    let failing = false
    while (!ending.signal.aborted) {
      try {
        await readOn()
        failing = false
      } catch (error) {
        if (ending.signal.aborted) return
        if (!failing) log.warn({ err: messageOf(error) }, 'the session log waits to be written down')
        failing = true
        await delay(pauseMs, undefined, { signal: ending.signal }).catch(() => {})
      }
    }
  }
  const done = run()

  return {
    async close(): Promise<void> {
      ending.abort()
      await done
    },
  }
}
