import type { EnhancedPacket } from '../../core/media/enhanced-rtmp.ts'

/** Maximum number of tracks that are remembered as ignored. */
const maxRemembered = 8

/**
 * Chooses the one audio track, or the one video track, that is forwarded: that with the lowest number so far.
 * A publisher that does not number its tracks has only track 0 (enhanced RTMP version 2, multitrack).
 */
export class ExtraTracks {
  readonly #kind: string
  readonly #onChange: () => void
  #shown: Pick<EnhancedPacket, 'track' | 'fourCc'> | undefined
  readonly #ignored = new Set<string>()

  /** `onChange` is called when a track with a lower number replaces the present one. */
  constructor(kind: 'audio' | 'video', onChange: () => void) {
    this.#kind = kind
    this.#onChange = onChange
  }

  /**
   * Whether the packet belongs to the forwarded track. Each call may change that track, so packets without
   * media must not be passed.
   */
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

  /** Descriptions of the tracks that are not forwarded, at most `maxRemembered`. */
  get ignored(): readonly string[] {
    return [...this.#ignored]
  }

  #ignore({ track, fourCc }: Pick<EnhancedPacket, 'track' | 'fourCc'>) {
    if (this.#ignored.size < maxRemembered)
      this.#ignored.add(`${this.#kind} track ${track} (${printable(fourCc)})`)
  }
}

/**
 * Replaces all but printable ASCII with `?`, because the FourCC comes from the publisher and is shown to
 * people.
 */
export const printable = (fourCc: string) => fourCc.replace(/[^\x20-\x7e]/g, '?')
