/**
 * Map of at most `limit` entries. Setting a key makes its entry the newest. Beyond the limit the oldest entry
 * is removed. Reading does not change the order.
 */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #limit: number

  constructor(limit: number) {
    super()
    this.#limit = limit
  }

  override set(key: Key, value: Value): this {
    // A Map keeps the place of a key that is set again, so the key is deleted first to become the newest.
    this.delete(key)
    super.set(key, value)
    for (const oldest of this.keys()) {
      if (this.size <= this.#limit) break
      this.delete(oldest)
    }
    return this
  }
}
