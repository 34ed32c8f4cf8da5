import type { SessionEvent } from '../../core/contracts/session-log.ts'
import type { Log } from '../../core/process/log.ts'
import { maxUnsentEvents } from '../rtmp/limits.ts'

interface EventSink {
  append(event: SessionEvent): Promise<void>
}

/** Appends session events in order, and keeps them (the newest 1000) while Redis is away. */
export function createEventOutbox(sink: EventSink, log: Log) {
  const unsent: SessionEvent[] = []
  let sending: Promise<void> | undefined

  async function send() {
    for (let event = unsent[0]; event; event = unsent[0]) {
      try {
        await sink.append(event)
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
    /** Tries again to send what waits; call it when Redis is back. */
    flush,
  }
}

export type EventOutbox = ReturnType<typeof createEventOutbox>
