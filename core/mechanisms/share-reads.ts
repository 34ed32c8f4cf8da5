/**
 * Returns a function that reads as `read` does, once for all calls with the same key in one turn of the event
 * loop. A read begins after the calls that it serves, so each sees every change that was made before it.
 */
export function shareReads<Key, Value>(read: (key: Key) => Promise<Value>): (key: Key) => Promise<Value> {
  const reads = new Map<Key, Promise<Value>>()
  return (key) => {
    const shared = reads.get(key)
    if (shared !== undefined) return shared
    const next = new Promise((resolve) => setImmediate(resolve)).then(() => {
      reads.delete(key)
      return read(key)
    })
    reads.set(key, next)
    return next
  }
}
