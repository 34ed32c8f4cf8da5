import type { RequestError, RequestKind } from './figures.ts'
import type { MediaPlaylist } from './media/media-playlist.ts'
import { PartsAhead, type PieceResult } from './parts-ahead.ts'
import type { PlayerContext } from './player-context.ts'
import type { PendingRequest } from './wire/client.ts'

/** Sends the requests for media of one rendition, so that they can be aborted together. */
export class PieceRequests {
  readonly #context: PlayerContext
  readonly #ahead: PartsAhead | undefined
  #pending: PendingRequest[] = []

  constructor(context: PlayerContext) {
    this.#context = context
    this.#ahead = context.loadsAhead ? new PartsAhead(context) : undefined
  }

  /** Requests what a playlist adds, if the player requests parts ahead. */
  onPlaylist(playlist: MediaPlaylist): void {
    this.#ahead?.onPlaylist(playlist)
  }

  init(target: string, { onGood, onBad }: PieceResult): void {
    this.#send('init', target, {
      onGood: (response) => {
        this.#context.record.bodies.readInit(target, response.body)
        onGood(response)
      },
      onBad,
    })
  }

  media(target: string, result: PieceResult): void {
    const early = this.#ahead?.take(target, {
      onGood: (response) => {
        this.#end(early)
        result.onGood(response)
      },
      // The request for an announced part fails when the part is not made in time. The part may exist by now.
      onBad: () => {
        this.#end(early)
        this.#send('media', target, result)
      },
    })
    if (early === undefined) this.#send('media', target, result)
    else this.#pending.push(early)
  }

  /** Aborts the requests that the player waits for. */
  drop(): void {
    for (const each of this.#pending) each.abort()
    this.#pending = []
  }

  /** Aborts all requests, also those ahead. */
  close(): void {
    this.drop()
    this.#ahead?.close()
  }

  #send(kind: RequestKind, target: string, { onGood, onBad }: PieceResult) {
    const { requests, policies } = this.#context
    const sent: PendingRequest = requests.send(kind, target, policies.media, {
      onGood: (response, sentAt) => {
        this.#end(sent)
        this.#ahead?.note(response.firstByteAt - sentAt)
        onGood(response)
      },
      onBad: (error: RequestError) => onBad(error),
    })
    this.#pending.push(sent)
  }

  #end(request: PendingRequest | undefined) {
    const at = request === undefined ? -1 : this.#pending.indexOf(request)
    if (at >= 0) this.#pending.splice(at, 1)
  }
}
