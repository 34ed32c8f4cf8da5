const keptGops = 5

/** The longest of the last five distances between keyframes. */
export class GopLength {
  readonly #lengths: number[] = []
  #lastKeyframe: number | undefined

  /** A keyframe at `time`, ms. */
  keyframe(time: number): void {
    if (this.#lastKeyframe !== undefined && this.#lengths.push(time - this.#lastKeyframe) > keptGops)
      this.#lengths.shift()
    this.#lastKeyframe = time
  }

  /** ms; null until the second keyframe. */
  get longest(): number | null {
    return this.#lengths.length === 0 ? null : Math.max(...this.#lengths)
  }
}
