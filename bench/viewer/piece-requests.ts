import type { RequestError, RequestKind } from './figures.ts'
import type { PlayerContext } from './player-context.ts'
import type { PendingRequest, ViewerResponse } from './wire/client.ts'

interface PieceResult {
  onGood(response: ViewerResponse): void
  onBad(error: RequestError): void
}

/** Sends the requests for media of one rendition, so that they can be aborted together. */
export class PieceRequests {
  readonly #context: Pick<PlayerContext, 'requests' | 'policies' | 'record'>
  #pending: PendingRequest[] = []

  constructor(context: Pick<PlayerContext, 'requests' | 'policies' | 'record'>) {
    this.#context = context
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
    this.#send('media', target, result)
  }

  /** Aborts all requests in progress. */
  drop(): void {
    for (const each of this.#pending) each.abort()
    this.#pending = []
  }

  #send(kind: RequestKind, target: string, { onGood, onBad }: PieceResult) {
    const { requests, policies } = this.#context
    const sent: PendingRequest = requests.send(kind, target, policies.media, {
      onGood: (response) => {
        const at = this.#pending.indexOf(sent)
        if (at >= 0) this.#pending.splice(at, 1)
        onGood(response)
      },
      onBad,
    })
    this.#pending.push(sent)
  }
}
