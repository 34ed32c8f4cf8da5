import type { MediaPlaylist, Piece } from './media/media-playlist.ts'
import { isStalePlaylist, nextPiece, partsAreSafe, startPiece } from './next-piece.ts'

/** How far the media of one rendition has been loaded, and whether by parts. */
export class MediaCursor {
  readonly #isLowLatency: boolean
  #loadsParts: boolean
  #loaded: Piece | undefined
  #requestedEnd = 0
  #startAt: number | undefined
  /** Where the media of another variant has to begin, s. */
  #resumeAt: number | undefined

  constructor(isLowLatency: boolean) {
    this.#isLowLatency = isLowLatency
    this.#loadsParts = isLowLatency
  }

  /** The newest piece that was loaded; undefined before the first. */
  get loaded(): Piece | undefined {
    return this.#loaded
  }
  /** Whether loading continues by parts, not by whole segments. */
  get loadsParts(): boolean {
    return this.#loadsParts
  }

  /**
   * Whether loading must wait until the playlist advances (`waitForLive` of hls.js). Afterwards low-latency
   * loading continues with parts. `age`: time since the playlist advanced, s. `misses`: number of reloads
   * since then. `playhead`: s; undefined before the first frame.
   */
  mustWait(playlist: MediaPlaylist, age: number, misses: number, playhead: number | undefined): boolean {
    if (playlist.isEnded || misses >= 3) return false
    const isLate = isStalePlaylist(playlist, age, this.#loadsParts)
    const position = playhead ?? (this.#loaded === undefined ? undefined : this.#requestedEnd)
    if (!isLate && (position === undefined || playlist.edge > position)) return false
    this.#loadsParts = this.#isLowLatency
    return true
  }

  /**
   * Returns what is to be loaded next; undefined when it is not listed yet, and `left` when it is not listed
   * any more. `startPosition` returns the live position now, s.
   */
  next(playlist: MediaPlaylist, startPosition: () => number | undefined): Piece | 'left' | undefined {
    if (this.#loaded !== undefined && this.#resumeAt === undefined)
      return nextPiece(playlist, this.#loaded, this.#loadsParts)
    this.#startAt ??= startPosition()
    const position = this.#resumeAt ?? this.#startAt
    if (position === undefined) return undefined
    const piece = startPiece(playlist, position, this.#isLowLatency && playlist.parts.length > 0)
    this.#loadsParts = piece?.part !== undefined
    return piece
  }

  requested({ end }: Piece): void {
    this.#requestedEnd = end
  }

  advance(piece: Piece): void {
    this.#loaded = piece
    this.#requestedEnd = piece.end
    this.#resumeAt = undefined
  }

  /** Decides between parts and segments when a segment, or all of it that is listed, is buffered. */
  complete(playlist: MediaPlaylist | undefined, playhead: number | undefined): void {
    const piece = this.#loaded
    if (playlist === undefined || piece === undefined) return
    const isAtEdge = piece.msn > playlist.endMsn
    this.#loadsParts = this.#isLowLatency && (isAtEdge || partsAreSafe(playlist, piece.end, playhead))
  }

  /** Continues with another variant: from the start of a segment or an independent part. */
  changeVariant(): void {
    this.#resumeAt = this.#loaded?.end
  }

  /** Begins at the live position again. */
  restart(): void {
    this.#loaded = undefined
    this.#resumeAt = undefined
    this.#startAt = undefined
  }
}
