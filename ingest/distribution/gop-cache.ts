/** Memory that a tag takes beyond its bytes, rounded up: 200 bytes were measured for a tag of 21 bytes. */
export const tagOverheadBytes = 256
/** Maximum size of a kept GOP, bytes with overhead; maximum number of its tags; maximum length, ms. */
export const maxGopBytes = 32 * 1024 * 1024
export const maxGopTags = 20_000
export const maxGopMs = 30_000
/** Maximum time of sound that is kept in a session without a picture, ms. */
export const audioCacheMs = 1000
/** Maximum time before the newest GOP that is kept as well, ms, and its maximum size, bytes with overhead. */
export const [historyMs, maxHistoryBytes] = [4000, 16 * 1024 * 1024]
/** Time by which the picture of a keyframe may come after its decode time, ms. */
const compositionMs = 100

interface Gop {
  tags: Buffer[]
  bytes: number
  /** Session time of the first tag, ms. */
  startedAt: number
}

/**
 * Keeps the tags since the last call of `start`, whose tag is a keyframe if the session has a picture. A new
 * subscriber receives them first. A GOP beyond the limits is dropped as a whole, because without its keyframe
 * nothing can be decoded. `canStart` is then false until the next `start`. Some GOPs before it are kept for a
 * transcoder that continues the work of another one.
 */
export class GopCache {
  #present: Gop | undefined
  /** GOPs before the present one, oldest first. */
  #former: Gop[] = []

  /**
   * Starts again with a tag at which decoding can start. `headers` are the codec headers in use; `time` is
   * the session time of the tag, ms.
   */
  start(headers: readonly Buffer[], tag: Buffer, time: number): void {
    if (this.#present) this.#former.push(this.#present)
    this.#present = { tags: [...headers, tag], bytes: tag.length + tagOverheadBytes, startedAt: time }
    let bytes = this.#former.reduce((sum, gop) => sum + gop.bytes, 0)
    while (this.#former[0] && (bytes > maxHistoryBytes || time - this.#former[0].startedAt > historyMs))
      bytes -= this.#former.shift()?.bytes ?? 0
  }

  add(tag: Buffer, time: number): void {
    const gop = this.#present
    if (gop === undefined) return
    gop.tags.push(tag)
    gop.bytes += tag.length + tagOverheadBytes
    const isTooLarge = gop.bytes > maxGopBytes || gop.tags.length > maxGopTags
    if (isTooLarge || time - gop.startedAt > maxGopMs) this.clear()
  }

  clear(): void {
    this.#present = undefined
    this.#former = []
  }

  /** Returns the time from the first tag to `time`, ms; Infinity when the cache is empty. */
  spanAt(time: number): number {
    return this.#present === undefined ? Number.POSITIVE_INFINITY : time - this.#present.startedAt
  }

  get canStart(): boolean {
    return this.#present !== undefined
  }

  /**
   * Returns the tags from the keyframe whose picture is the newest at or before `time`, ms; from the oldest
   * keyframe that is kept, if all come later. By default they are those of the newest GOP.
   */
  tagsFrom(time = Number.POSITIVE_INFINITY): readonly Buffer[] {
    const gops = this.#present ? [...this.#former, this.#present] : []
    const first = gops.findLastIndex(({ startedAt }) => startedAt <= time + compositionMs)
    return gops.slice(Math.max(0, first)).flatMap(({ tags }) => tags)
  }
}
