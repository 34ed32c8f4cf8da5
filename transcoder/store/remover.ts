import { setTimeout as delay } from 'node:timers/promises'
import type { SegmentStore } from './segment-store.ts'
import type { StoreKey } from './store-key.ts'

/** Time limit of a removal, and time after a failed one, ms. */
const [attemptMs, pauseMs] = [3000, 5000]
/** Maximum number of objects that wait to be removed. Others remain until their session ends. */
const maxWaiting = 20_000

export type Remover = ReturnType<typeof createRemover>

/** Removes objects from a store one after the other, in the background. Repeats what fails. */
export function createRemover(store: SegmentStore) {
  const waiting = new Set<StoreKey>()
  const closing = new AbortController()
  let working: Promise<void> | undefined

  const limit = () => AbortSignal.any([closing.signal, AbortSignal.timeout(attemptMs)])

  async function work(): Promise<void> {
    for (const key of waiting) {
      if (closing.signal.aborted) return
      try {
        await store.remove(key, limit())
        waiting.delete(key)
      } catch {
        await delay(pauseMs, undefined, { signal: closing.signal }).catch(() => {})
      }
    }
  }

  function start(): void {
    if (working !== undefined || waiting.size === 0 || closing.signal.aborted) return
    working = work().finally(() => {
      working = undefined
      start()
    })
  }

  return {
    add(keys: readonly StoreKey[]): void {
      for (const key of keys) if (waiting.size < maxWaiting) waiting.add(key)
      start()
    },

    /**
     * Removes all objects of a session, and returns how many there were. Rejects when the store fails, and
     * may have removed some.
     */
    async removeSession(sessionId: string): Promise<number> {
      const keys = await store.list(sessionId, limit())
      for (const key of keys) {
        waiting.delete(key)
        await store.remove(key, limit())
      }
      await store.forget(sessionId)
      return keys.length
    },

    async close(): Promise<void> {
      closing.abort()
      await working
    },
  }
}
