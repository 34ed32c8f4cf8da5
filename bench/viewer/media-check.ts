import { countOne } from './figures.ts'
import type { Piece } from './media/media-playlist.ts'
import type { PlayerContext } from './player-context.ts'

/** Checks the media of one rendition: its bytes, and whether each piece begins where the one before ends. */
export class MediaCheck {
  readonly #context: Pick<PlayerContext, 'record' | 'figures'>
  #last: { piece: Piece; init: string | undefined; end: number } | undefined

  constructor(context: Pick<PlayerContext, 'record' | 'figures'>) {
    this.#context = context
  }

  /** Checks the next piece. `init` is the path of its init segment. Faults are counted. */
  add(piece: Piece, init: string | undefined, body: Buffer): void {
    const { record, figures } = this.#context
    const media = record.readMedia(piece.target, body)
    const last = this.#last
    const isNext = last !== undefined && last.init === init && isContiguous(last.piece, piece)
    const fault = media.fault ?? (isNext ? record.judgeTime(media, last.end) : undefined)
    if (fault !== undefined) countOne(figures.faults, fault)
    this.#last = fault === undefined ? { piece, init, end: media.end } : undefined
  }

  /** Forgets the last piece: the next one need not continue it. */
  forget(): void {
    this.#last = undefined
  }
}

/** Whether a piece begins where another one ends. */
function isContiguous(last: Piece, piece: Piece): boolean {
  if (last.msn === piece.msn) return (last.part ?? 0) + 1 === piece.part
  return piece.msn === last.msn + 1 && (piece.part ?? 0) === 0
}
