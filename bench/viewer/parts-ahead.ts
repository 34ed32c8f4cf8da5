import type { RequestError } from './figures.ts'
import type { MediaPlaylist } from './media/media-playlist.ts'
import type { PlayerContext } from './player-context.ts'
import type { PendingRequest, ViewerResponse } from './wire/client.ts'

export interface PieceResult {
  onGood(response: ViewerResponse): void
  onBad(error: RequestError): void
}

/**
 * Minimum round trip with which the page requests parts ahead, ms. See `player/watch/playback/load-ahead.ts`.
 */
const minRoundTripMs = 15
/** Number of round trips that are kept. Their median counts. */
const maxSamples = 24
/** Maximum number of parts of one playlist that are requested at once, besides the announced one. */
const maxParallel = 4
/** Maximum number of bodies that were requested ahead and not taken. */
const maxBodies = 24

/** A part that was requested before the player asked for it. */
interface EarlyPart {
  pending: PendingRequest
  /** Outcome of the request; undefined while the response is on its way. */
  outcome: { response: ViewerResponse } | { error: RequestError } | undefined
  /** Callbacks of the player, once it has asked for the part. */
  result: PieceResult | undefined
}

/**
 * Requests the parts of one rendition before the player does, as the watch page does on links with a long
 * round trip: at the same time all parts that a playlist adds, and the announced one, which the server holds.
 */
export class PartsAhead {
  readonly #context: Pick<PlayerContext, 'requests' | 'policies'>
  readonly #parts = new Map<string, EarlyPart>()
  readonly #samples: number[] = []
  #short = 0
  #newest = ''

  constructor(context: Pick<PlayerContext, 'requests' | 'policies'>) {
    this.#context = context
  }

  /** Records a round trip, ms. Requests that the server may hold must not be recorded. */
  note(ms: number): void {
    this.#samples.push(ms)
    if (ms < minRoundTripMs) this.#short++
    if (this.#samples.length > maxSamples && (this.#samples.shift() ?? 0) < minRoundTripMs) this.#short--
  }

  /** Requests what a playlist adds and announces, if round trips are long. */
  onPlaylist({ parts, hint }: MediaPlaylist): void {
    if (parts.length === 0 || !this.#isLong()) return
    const at = parts.findLastIndex(({ target }) => target === this.#newest)
    const added = at < 0 ? [] : parts.slice(at + 1).slice(-maxParallel)
    this.#newest = parts.at(-1)?.target ?? ''
    for (const { target } of added) this.#request(target)
    if (hint !== undefined) this.#request(hint)
  }

  /**
   * Passes a part that was requested ahead to `result`, once. Returns undefined when the part was not
   * requested.
   */
  take(target: string, result: PieceResult): PendingRequest | undefined {
    const part = this.#parts.get(target)
    if (part === undefined) return undefined
    this.#parts.delete(target)
    part.result = result
    const { outcome } = part
    if (outcome !== undefined) queueMicrotask(() => settle(part, outcome))
    return {
      abort() {
        part.result = undefined
        part.pending.abort()
      },
    }
  }

  /** Aborts what was not taken. */
  close(): void {
    for (const { pending } of this.#parts.values()) pending.abort()
    this.#parts.clear()
  }

  /** Whether the median of the round trips is at least `minRoundTripMs`. */
  #isLong(): boolean {
    return this.#samples.length > 0 && this.#short <= Math.floor(this.#samples.length / 2)
  }

  #request(target: string) {
    if (this.#parts.has(target)) return
    const { requests, policies } = this.#context
    const part: EarlyPart = {
      outcome: undefined,
      result: undefined,
      pending: requests.send('media', target, policies.media, {
        onGood: (response) => settle(part, { response }),
        onBad: (error) => settle(part, { error }),
      }),
    }
    this.#parts.set(target, part)
    for (const [oldest, { pending }] of this.#parts) {
      if (this.#parts.size <= maxBodies) break
      this.#parts.delete(oldest)
      pending.abort()
    }
  }
}

/** Passes an outcome to the player if it waits for the part; otherwise keeps the outcome. */
function settle(part: EarlyPart, outcome: NonNullable<EarlyPart['outcome']>): void {
  const { result } = part
  if (result === undefined) {
    // A copy, because the memory of a body is used again.
    const kept =
      'response' in outcome ? { ...outcome.response, body: Buffer.from(outcome.response.body) } : undefined
    part.outcome = kept === undefined ? outcome : { response: kept }
    return
  }
  if ('response' in outcome) result.onGood(outcome.response)
  else result.onBad(outcome.error)
}
