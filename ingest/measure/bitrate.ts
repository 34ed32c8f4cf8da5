const bucketMs = 500
const bucketCount = 8

/** Mean bitrate over the last 3.5 to 4 s of media time. */
export class Bitrate {
  readonly #bytes = new Float64Array(bucketCount)
  #first: number | undefined
  #last = 0
  #bucket = 0

  /** Counts `bytes` of a packet; `time` is its session time, ms, which never falls. */
  add(time: number, bytes: number): void {
    const bucket = Math.floor(time / bucketMs)
    if (this.#first === undefined) {
      this.#first = time
      this.#bucket = bucket
    }
    const steps = Math.min(bucket - this.#bucket, bucketCount)
    for (let step = 1; step <= steps; step++) this.#bytes[(this.#bucket + step) % bucketCount] = 0
    if (steps > 0) this.#bucket = bucket
    const index = this.#bucket % bucketCount
    this.#bytes[index] = (this.#bytes[index] ?? 0) + bytes
    this.#last = time
  }

  /** The mean, bits/s; 0 until there has been half a second of media. */
  get bitsPerSecond(): number {
    if (this.#first === undefined) return 0
    const windowStart = (this.#bucket - bucketCount + 1) * bucketMs
    const span = this.#last - Math.max(windowStart, this.#first)
    if (span < bucketMs) return 0
    let total = 0
    for (const bytes of this.#bytes) total += bytes
    return Math.round((total * 8000) / span)
  }
}
