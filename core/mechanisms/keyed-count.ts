/**
 * Counts per key, such as the connections of each address. A key with a count of 0 takes no memory. `limit`
 * is the maximum count of a key; 0 means no limit.
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

  /** Adds one to the key's count. Returns false, and adds nothing, when the key has reached the limit. */
  enter(key: Key): boolean {
    if (!this.hasRoom(key)) return false
    this.#counts.set(key, this.of(key) + 1)
    return true
  }

  /** Whether `enter` would count one more. */
  hasRoom(key: Key): boolean {
    return this.#limit === 0 || this.of(key) < this.#limit
  }

  /** Subtracts one from the key's count, which never falls below 0. */
  leave(key: Key): void {
    const count = this.of(key) - 1
    if (count > 0) this.#counts.set(key, count)
    else this.#counts.delete(key)
  }

  /** Number of keys with a count above 0. */
  get size(): number {
    return this.#counts.size
  }
}
