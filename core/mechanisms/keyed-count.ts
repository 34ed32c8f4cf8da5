/**
 * How many of something each key has, such as connections of an address. Keys that have none take no memory.
 * `limit` per key; 0 means no limit.
 */
export class KeyedCount<Key = string> {
  readonly #counts = new Map<Key, number>()
  readonly #limit: number

  constructor(limit = 0) {
    this.#limit = limit
  }

  of(key: Key): number {
    return this.#counts.get(key) ?? 0
  }

  /** Counts one more; false when the key has reached the limit. */
  enter(key: Key): boolean {
    const count = this.of(key)
    if (this.#limit > 0 && count >= this.#limit) return false
    this.#counts.set(key, count + 1)
    return true
  }

  /** Counts one less. */
  leave(key: Key): void {
    const count = this.of(key) - 1
    if (count > 0) this.#counts.set(key, count)
    else this.#counts.delete(key)
  }

  /** Number of keys that have any. */
  get size(): number {
    return this.#counts.size
  }
}
