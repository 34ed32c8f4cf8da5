import { posix } from 'node:path'
import { countOne } from './figures.ts'
import type { MediaFault, ReadMedia } from './media/body-store.ts'
import { type Piece, pathOf } from './media/media-playlist.ts'
import type { MediaTimes } from './media/media-times.ts'
import type { PlayerContext } from './player-context.ts'

/** Share of a piece by which its start may differ from the end of the piece before. */
const tolerance = 0.1
/**
 * Maximum difference between the listed length of a piece and that of its media: the larger of this number of
 * seconds and this share of the listed length.
 */
const lengthTolerance = { seconds: 0.05, share: 0.25 }

/**
 * Checks the media of one rendition: whether it is whole, begins where the piece before ends, is at its place
 * in time, and has the bytes that other viewers received.
 */
export class MediaCheck {
  readonly #context: Pick<PlayerContext, 'record' | 'figures'>
  #last: { piece: Piece; init: string | undefined; end: number | undefined } | undefined

  constructor(context: Pick<PlayerContext, 'record' | 'figures'>) {
    this.#context = context
  }

  /** Checks the next piece. `init` is the path of its init segment. Faults are counted. */
  add(piece: Piece, init: string | undefined, body: Buffer): void {
    const media = this.#context.record.bodies.read(piece.target, body)
    const fault = this.#faultOf(media, piece, init)
    if (fault !== undefined) countOne(this.#context.figures.faults, fault)
    this.#last = fault === undefined ? { piece, init, end: media.times?.end } : undefined
  }

  /** Forgets the last piece: the next one need not continue it. */
  forget(): void {
    this.#last = undefined
  }

  #faultOf(
    { times, isTransportStream, sameAs, isRight }: ReadMedia,
    piece: Piece,
    init: string | undefined,
  ): MediaFault | undefined {
    const last = this.#last
    if (times === undefined && !isTransportStream) return 'torn'
    if (sameAs !== undefined && last !== undefined && sameAs === pathOf(last.piece.target)) return 'repeated'
    // Equal bytes in the same folder are no fault: a segment of one part equals this part.
    const isOfOther = sameAs !== undefined && posix.dirname(sameAs) !== posix.dirname(piece.target)
    if (isOfOther || (init !== undefined && times !== undefined && this.#hasOtherLength(times, piece, init)))
      return 'wrong'
    const isNext = last !== undefined && last.init === init && isContiguous(last.piece, piece)
    const displaced =
      times === undefined ? 0 : this.#displacement(times, piece, init, isNext ? last.end : undefined)
    if (displaced !== 0) return displaced < 0 ? 'stale' : 'wrong'
    return isRight ? undefined : 'wrong'
  }

  #hasOtherLength({ decodeTime, end }: MediaTimes, piece: Piece, init: string): boolean {
    const timescale = this.#context.record.bodies.timescaleOf(init)
    if (timescale === undefined) return false
    const listed = piece.end - piece.start
    const difference = Math.abs((end - decodeTime) / timescale - listed)
    return difference > Math.max(lengthTolerance.seconds, listed * lengthTolerance.share)
  }

  /**
   * Returns a number below 0 for media that is too early, above 0 for media that is too late, otherwise 0.
   */
  #displacement(
    { decodeTime, end }: MediaTimes,
    { start }: Piece,
    init: string | undefined,
    lastEnd: number | undefined,
  ): number {
    const error = lastEnd === undefined ? 0 : decodeTime - lastEnd
    if (Math.abs(error) > Math.max(1, (end - decodeTime) * tolerance)) return error
    return init === undefined ? 0 : this.#context.record.displacement(init, decodeTime, start)
  }
}

/** Whether `piece` follows `last` directly, by their numbers. */
function isContiguous(last: Piece, piece: Piece): boolean {
  if (last.msn === piece.msn) return (last.part ?? 0) + 1 === piece.part
  return piece.msn === last.msn + 1 && (piece.part ?? 0) === 0
}
