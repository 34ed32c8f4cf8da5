/** Memory that a tag takes beside its bytes: 200 were measured for a tag of 21 bytes. */
export const tagOverheadBytes = 256
/** Maximum size of a GOP that is kept, overhead included, its number of tags, and its length. */
export const maxGopBytes = 32 * 1024 * 1024
export const maxGopTags = 20_000
export const maxGopMs = 30_000

/**
 * All tags since the newest keyframe, which a new subscriber receives first. A GOP that outgrows the bounds
 * is dropped as a whole, because nothing can be decoded without its beginning. `canStart` is then false until
 * the next keyframe.
 */
export class GopCache {
  #tags: Buffer[] = []
  #bytes = 0
  #startedAt: number | undefined

  /**
   * Starts again with a tag at which decoding can start. `headers` are the codec headers in use; one that
   * comes later is added like any tag. `time` is media time, ms.
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

  /** Media time from the start to `time`, ms; Infinity when there is no start. */
  spanAt(time: number): number {
    return this.#startedAt === undefined ? Number.POSITIVE_INFINITY : time - this.#startedAt
  }

  /** Whether a subscriber can start with the tags of this cache. */
  get canStart(): boolean {
    return this.#startedAt !== undefined
  }

  get tags(): readonly Buffer[] {
    return this.#tags
  }
}
