import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'

/** Keeps the record of one session in the live registry. Each write contains the whole record. */
export function createRegistryRecord(
  first: LiveSession,
  registry: Pick<LiveRegistry, 'putSession' | 'removeSession'>,
  log: Log,
) {
  const { sessionId } = first
  let record = first
  let lastWrite: Promise<void> = Promise.resolve()
  let isStale = false
  let isRemoved = false

  async function write(isAnnounced: boolean) {
    try {
      if (!isRemoved) await registry.putSession(record, isAnnounced)
      isStale = false
    } catch (error) {
      if (!isStale) log.warn({ sessionId, err: messageOf(error) }, 'session not announced; it continues')
      isStale = true
    }
  }

  return {
    get current(): LiveSession {
      return record
    },

    /**
     * Changes the record and writes it. Resolves when the write has ended, also when it failed. `isAnnounced`
     * is false for a heartbeat: other roles need no message for it, except after an outage of Redis.
     */
    put(changes: Partial<LiveSession>, isAnnounced: boolean): Promise<void> {
      record = { ...record, ...changes }
      lastWrite = write(isAnnounced || isStale)
      return lastWrite
    },

    async remove(): Promise<void> {
      isRemoved = true
      // A write that is still in progress would restore the record after its removal.
      await lastWrite
      await registry.removeSession(record)
    },
  }
}
