import { once } from 'node:events'
import type { SessionEvent } from '../../core/contracts/session-log.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import { reportFailures } from '../../core/mechanisms/report-failures.ts'
import type { Log } from '../../core/process/log.ts'

interface EventLog {
  read(position: string, blockMs: number): Promise<{ position: string; event: SessionEvent }[]>
}

interface History {
  position(): Promise<string | undefined>
  apply(events: readonly SessionEvent[], from: string | undefined, to: string): Promise<boolean>
}

/** Maximum time that a read waits for new events, ms. */
const blockMs = 5000
/** Time to the next attempt after a failure, ms. */
const retryMs = 1000

/**
 * Creates the historian, which writes the session log into the history until it is closed. Each event is
 * written once and in order, across restarts, outages of Redis and other managers that do the same.
 * `onEvents` is called with the events that this manager wrote.
 */
export function createHistorian(
  events: EventLog,
  history: History,
  log: Log,
  onEvents: (events: readonly SessionEvent[]) => void = () => {},
) {
  const closing = new AbortController()
  // Ends the wait for a read when the historian closes: while Redis is away a read may never return, not even
  // when its connection is closed.
  const closed = once(closing.signal, 'abort').then(() => [])

  async function writeNext() {
    const from = await history.position()
    const entries = await Promise.race([events.read(from ?? '0', blockMs), closed])
    const last = entries.at(-1)
    if (last === undefined) return
    const read = entries.map(({ event }) => event)
    if (await history.apply(read, from, last.position)) onEvents(read)
  }

  // A read that fails because its connection closes is no failure.
  const writeUntilClosed = () =>
    writeNext().catch((error: unknown) => {
      if (!closing.signal.aborted) throw error
    })
  const poll = createPoll(
    reportFailures(writeUntilClosed, log, 'session log not written to the history yet'),
    { everyMs: 0, afterFailureMs: retryMs },
  )

  return {
    async close(): Promise<void> {
      closing.abort()
      await poll.close()
    },
  }
}
