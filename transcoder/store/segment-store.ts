import type { StoreKey } from './store-key.ts'

/**
 * Where segments are kept, so that another transcoder can continue a session. Every method rejects with a
 * `StoreError` when the store does not do it, also because `signal` aborts.
 */
export interface SegmentStore {
  /** Kind of the store, for logs. */
  readonly kind: 'disk' | 's3'
  /** Writes an object, whole or not at all. */
  put(key: StoreKey, pieces: readonly Uint8Array[], signal: AbortSignal): Promise<void>
  /** Returns an object; undefined when there is no such object. */
  get(key: StoreKey, signal: AbortSignal): Promise<Buffer | undefined>
  /** Removes an object, if it exists. */
  remove(key: StoreKey, signal: AbortSignal): Promise<void>
  /** Returns the keys of a session, at most `maxListed`. */
  list(sessionId: string, signal: AbortSignal): Promise<StoreKey[]>
  /** Returns the ids of all sessions that have objects, and of some that had; at most `maxListed`. */
  sessions(signal: AbortSignal): Promise<string[]>
  /** Removes what is left of a session without objects. */
  forget(sessionId: string): Promise<void>
}

/** Maximum number of names that a store returns at a time. */
export const maxListed = 10_000

/** Maximum size of an object, bytes. */
export const maxObjectBytes = 256 * 1024 * 1024

/** Why a store did not do something. The message has no secret and no URL. */
export class StoreError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'StoreError'
  }
}
