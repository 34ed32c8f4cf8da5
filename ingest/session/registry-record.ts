import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'

/** The record of one session in the live registry. After an outage of Redis the next write repairs it. */
export function createRegistryRecord(
  first: LiveSession,
  registry: Pick<LiveRegistry, 'putSession' | 'removeSession'>,
  log: Log,
) {
  const { sessionId } = first
  let record = first
  let lastWrite: Promise<void> = Promise.resolve()
  /** Whether the last write failed. */
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
     * Changes and writes the record. Resolves when the registry shows it, or cannot. `isAnnounced` is false
     * for a mere heartbeat, which is announced only after an outage.
     */
    put(changes: Partial<LiveSession>, isAnnounced: boolean): Promise<void> {
      record = { ...record, ...changes }
      lastWrite = write(isAnnounced || isStale)
      return lastWrite
    },

    async remove(): Promise<void> {
      isRemoved = true
      // A write in progress must not restore the record.
      await lastWrite
      await registry.removeSession(record)
    },
  }
}
