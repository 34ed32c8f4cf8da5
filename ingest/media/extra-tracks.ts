import type { EnhancedPacket } from '../../core/media/enhanced-rtmp.ts'

/** Maximum number of ignored tracks that are remembered. */
const maxRemembered = 8

/**
 * Selects the one track of a kind that is shown: that with the lowest number so far, which is track 0 where
 * the publisher does not number them (enhanced RTMP version 2, multitrack).
 */
export class ExtraTracks {
  readonly #kind: string
  readonly #onChange: () => void
  #shown: Pick<EnhancedPacket, 'track' | 'fourCc'> | undefined
  readonly #ignored = new Set<string>()

  /** `onChange` is called when another track is shown from now on. */
  constructor(kind: 'audio' | 'video', onChange: () => void) {
    this.#kind = kind
    this.#onChange = onChange
  }

  /** Whether a packet belongs to the track that is shown. Packets without media must not be asked about. */
  isShown({ track, fourCc }: Pick<EnhancedPacket, 'track' | 'fourCc'>): boolean {
    if (this.#shown === undefined || track < this.#shown.track) {
      if (this.#shown) {
        this.#ignore(this.#shown)
        this.#onChange()
      }
      this.#shown = { track, fourCc }
    }
    if (track === this.#shown.track) return true
    this.#ignore({ track, fourCc })
    return false
  }

  /** The other tracks, in words. */
  get ignored(): readonly string[] {
    return [...this.#ignored]
  }

  #ignore({ track, fourCc }: Pick<EnhancedPacket, 'track' | 'fourCc'>) {
    if (this.#ignored.size < maxRemembered)
      this.#ignored.add(`${this.#kind} track ${track} (${printable(fourCc)})`)
  }
}

/** A FourCC for people, without control characters. */
export const printable = (fourCc: string) => fourCc.replace(/[^\x20-\x7e]/g, '?')
