import type { SessionEvent, SessionLog } from '../../core/contracts/session-log.ts'
import type { Log } from '../../core/process/log.ts'

const maxUnsentEvents = 1000

/**
 * Creates an outbox that appends session events to the log in their order. While Redis is away it keeps the
 * newest `maxUnsentEvents`.
 */
export function createEventOutbox(sessionLog: Pick<SessionLog, 'append'>, log: Log) {
  const unsent: SessionEvent[] = []
  let sending: Promise<void> | undefined

  async function send() {
    for (let event = unsent[0]; event; event = unsent[0]) {
      try {
        await sessionLog.append(event)
      } catch (error) {
        log.debug({ err: error }, 'session events wait for redis')
        return
      }
      if (unsent[0] === event) unsent.shift()
    }
  }

  const flush = (): Promise<void> => {
    sending ??= send().finally(() => {
      sending = undefined
    })
    return sending
  }

  return {
    append(event: SessionEvent): void {
      if (unsent.push(event) > maxUnsentEvents) {
        unsent.shift()
        log.warn('a session event was lost: redis has been away too long')
      }
      void flush()
    },
    /**
     * Sends the kept events. Resolves even if that fails. Must be called regularly, so that events kept while
     * Redis was away do not wait for the next `append`.
     */
    flush,
  }
}

export type EventOutbox = ReturnType<typeof createEventOutbox>
