import { setTimeout as delay } from 'node:timers/promises'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'

/** Time between attempts to remove a record after the first one failed, ms, and their maximum number. */
const removalRetryMs = 1000
const maxRemovals = 60

/** Keeps the record of one session in the live registry. Each write contains the whole record. */
export function createRegistryRecord(
  first: LiveSession,
  registry: Pick<LiveRegistry, 'putSession' | 'removeSession'>,
  log: Log,
  retryMs = removalRetryMs,
) {
  const { sessionId } = first
  let record = first
  let lastWrite: Promise<boolean> = Promise.resolve(true)
  let isStale = false
  let isRemoved = false

  async function write(isAnnounced: boolean): Promise<boolean> {
    try {
      const isOurs = isRemoved || (await registry.putSession(record, isAnnounced))
      isStale = false
      return isOurs
    } catch (error) {
      if (!isStale) log.warn({ sessionId, err: messageOf(error) }, 'session not announced; it continues')
      isStale = true
      return true
    }
  }

  async function removeLater() {
    for (let attempt = 1; attempt <= maxRemovals; attempt += 1) {
      await delay(retryMs, undefined, { ref: false })
      const isDone = await registry.removeSession(record).then(
        () => true,
        () => false,
      )
      if (isDone) return
    }
  }

  return {
    get current(): LiveSession {
      return record
    },

    /**
     * Changes the record and writes it. Resolves when the write has ended, also when it failed; with false
     * when the session continues at another ingest. `isAnnounced` is false for a heartbeat: other roles need
     * no message for it, except after an outage of Redis.
     */
    put(changes: Partial<LiveSession>, isAnnounced: boolean): Promise<boolean> {
      record = { ...record, ...changes }
      lastWrite = write(isAnnounced || isStale)
      return lastWrite
    },

    /**
     * Removes the record. Rejects when the first attempt fails; the removal is then repeated for a minute.
     */
    async remove(): Promise<void> {
      isRemoved = true
      // A write that is still in progress would restore the record after its removal.
      await lastWrite
      await registry.removeSession(record).catch((error) => {
        void removeLater()
        throw error
      })
    },
  }
}
