import { maxGopBytes, maxGopMs } from '../rtmp/limits.ts'

/**
 * All tags since the newest keyframe: what a new reader gets first. Once a GOP outgrows the bounds it is dropped whole
 * and `canStart` is false until the next keyframe: half a GOP helps nobody.
 */
export class GopCache {
  #tags: Buffer[] = []
  #bytes = 0
  #startedAt: number | undefined

  /** Begins anew with a tag from which decoding can start; `time` is media time, ms. */
  start(tag: Buffer, time: number) {
    this.#tags = [tag]
    this.#bytes = tag.length
    this.#startedAt = time
  }

  add(tag: Buffer, time: number) {
    if (this.#startedAt === undefined) return
    if (this.#bytes + tag.length > maxGopBytes || time - this.#startedAt > maxGopMs) return this.clear()
    this.#tags.push(tag)
    this.#bytes += tag.length
  }

  clear() {
    this.#tags = []
    this.#bytes = 0
    this.#startedAt = undefined
  }

  /** Media time from the start to `time`, ms; Infinity when there is no start. */
  spanAt(time: number): number {
    return this.#startedAt === undefined ? Number.POSITIVE_INFINITY : time - this.#startedAt
  }

  /** Whether a reader can start with what is here. */
  get canStart(): boolean {
    return this.#startedAt !== undefined
  }

  get tags(): readonly Buffer[] {
    return this.#tags
  }

  get bytes(): number {
    return this.#bytes
  }
}
