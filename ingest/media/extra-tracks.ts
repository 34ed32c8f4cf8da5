/** Maximum number of ignored tracks that are remembered. */
const maxRemembered = 8

/**
 * Selects the one track of a kind that is shown: the first that arrives, which is track 0 where the publisher
 * does not number them (enhanced RTMP version 2, multitrack).
 */
export class ExtraTracks {
  readonly #kind: string
  #shown: number | undefined
  readonly #ignored = new Set<string>()

  constructor(kind: 'audio' | 'video') {
    this.#kind = kind
  }

  /** Whether a packet belongs to the track that is shown. */
  isShow({ track, fourCc }: { track: number; fourCc: string }): boolean {
    this.#shown ??= track
    if (track === this.#shown) return true
    const text = `${this.#kind} track ${track} (${fourCc.replace(/[^\x20-\x7e]/g, '?')})`
    if (this.#ignored.size < maxRemembered) this.#ignored.add(text)
    return false
  }

  /** The other tracks, in words. */
  get ignored(): readonly string[] {
    return [...this.#ignored]
  }
}
