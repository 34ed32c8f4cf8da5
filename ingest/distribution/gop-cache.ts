/** Memory that a tag takes beyond its bytes, rounded up: 200 bytes were measured for a tag of 21 bytes. */
export const tagOverheadBytes = 256
/** Maximum size of a kept GOP, bytes with overhead; maximum number of its tags; maximum length, ms. */
export const maxGopBytes = 32 * 1024 * 1024
export const maxGopTags = 20_000
export const maxGopMs = 30_000

/**
 * Keeps the tags since the last call of `start`, whose tag is a keyframe if the session has a picture. A new
 * subscriber receives them first. A GOP beyond the limits is dropped as a whole, because without its keyframe
 * nothing can be decoded. `canStart` is then false until the next `start`.
 */
export class GopCache {
  #tags: Buffer[] = []
  #bytes = 0
  #startedAt: number | undefined

  /**
   * Starts again with a tag at which decoding can start. `headers` are the codec headers in use; `time` is
   * the session time of the tag, ms.
   */
  start(headers: readonly Buffer[], tag: Buffer, time: number): void {
    this.#tags = [...headers, tag]
    this.#bytes = tag.length + tagOverheadBytes
    this.#startedAt = time
  }

  add(tag: Buffer, time: number): void {
    if (this.#startedAt === undefined) return
    this.#tags.push(tag)
    this.#bytes += tag.length + tagOverheadBytes
    const isTooLarge = this.#bytes > maxGopBytes || this.#tags.length > maxGopTags
    if (isTooLarge || time - this.#startedAt > maxGopMs) this.clear()
  }

  clear(): void {
    this.#tags = []
    this.#bytes = 0
    this.#startedAt = undefined
  }

  /** Returns the time from the first tag to `time`, ms; Infinity when the cache is empty. */
  spanAt(time: number): number {
    return this.#startedAt === undefined ? Number.POSITIVE_INFINITY : time - this.#startedAt
  }

  get canStart(): boolean {
    return this.#startedAt !== undefined
  }

  get tags(): readonly Buffer[] {
    return this.#tags
  }
}
