import { createDeadlines, type Deadline } from './deadlines.ts'
import { countOne, type RequestError, type RequestKind, type ViewerFigures } from './figures.ts'
import type { LoadPolicy } from './load-policy.ts'
import type { PendingRequest, ResponseListener, ViewerConnections, ViewerResponse } from './wire/client.ts'

/**
 * Observer of the requests of one viewer: when one is sent, and when its response has arrived or it has
 * failed.
 */
export interface RequestObserver {
  onRequest?(kind: RequestKind, target: string): void
  /**
   * `sentAt`: when the request was sent, ms of `performance.now()`. Not called for responses with Retry-After
   * to a viewer who joins, nor when a start bundle has another status than 200.
   */
  onResponse?(kind: RequestKind, target: string, sentAt: number, error: RequestError | undefined): void
}

export interface RequestResult {
  onGood(response: ViewerResponse, sentAt: number): void
  /** `response` is undefined when there was none. */
  onBad(error: RequestError, response: ViewerResponse | undefined): void
}

export type Requests = ReturnType<typeof createRequests>

/** Sends the requests of one viewer within their limits and counts them. */
export function createRequests(
  connections: Pick<ViewerConnections, 'request'>,
  figures: ViewerFigures,
  observer: RequestObserver,
) {
  const deadlines = createDeadlines()
  const owner = { figures, observer, deadlines }
  return {
    /**
     * Sends a request. Any status but 200 is an error. The whole response must arrive within the lower of the
     * `limits`, ms.
     */
    send(kind: RequestKind, target: string, limits: RequestLimits, result: RequestResult): PendingRequest {
      const sent = new SentRequest(owner, kind, target, limits, result)
      figures.requests[kind]++
      observer.onRequest?.(kind, target)
      sent.pending = connections.request(target, sent)
      deadlines.add(sent)
      return sent
    },
    /** Forgets the limits of all requests. To be called when the connections are closed. */
    close: deadlines.close,
  }
}

/** What the requests of one viewer share. */
interface Owner {
  figures: ViewerFigures
  observer: RequestObserver
  deadlines: ReturnType<typeof createDeadlines>
}

type RequestLimits = Pick<LoadPolicy, 'firstByteMs' | 'totalMs'>

/** One request in progress. It is one object, not several closures, because a crowd sends very many. */
class SentRequest implements PendingRequest, ResponseListener, Deadline {
  readonly sentAt = performance.now()
  readonly at: number
  pending: PendingRequest | undefined
  readonly #owner: Owner
  readonly #kind: RequestKind
  readonly #target: string
  readonly #result: RequestResult

  constructor(owner: Owner, kind: RequestKind, target: string, limits: RequestLimits, result: RequestResult) {
    this.at = this.sentAt + Math.min(limits.firstByteMs, limits.totalMs)
    this.#owner = owner
    this.#kind = kind
    this.#target = target
    this.#result = result
  }

  abort(): void {
    this.#owner.deadlines.remove(this)
    this.pending?.abort()
  }

  onResponse(response: ViewerResponse): void {
    const { figures, observer, deadlines } = this.#owner
    deadlines.remove(this)
    figures.bytes[this.#kind] += response.body.length
    if (response.status === 200) {
      observer.onResponse?.(this.#kind, this.#target, this.sentAt, undefined)
      this.#result.onGood(response, this.sentAt)
      return
    }
    if (isPolite(this.#kind, response)) figures.refusals++
    else if (this.#kind !== 'bundle') this.#fail(response.status)
    this.#result.onBad(response.status, response)
  }

  onFailure(): void {
    this.#owner.deadlines.remove(this)
    this.#fail('connection')
    this.#result.onBad('connection', undefined)
  }

  onPassed(): void {
    this.pending?.abort()
    this.#fail('timeout')
    this.#result.onBad('timeout', undefined)
  }

  #fail(error: RequestError) {
    const { figures, observer } = this.#owner
    countOne(figures.errors, error)
    figures.lastErrorAt = performance.now()
    observer.onResponse?.(this.#kind, this.#target, this.sentAt, error)
  }
}

/** Whether the server asks a viewer who joins to come back later. */
const isPolite = (kind: RequestKind, { status, retryAfterSeconds }: ViewerResponse) =>
  (kind === 'multivariant' || kind === 'bundle') &&
  (status === 503 || status === 429) &&
  retryAfterSeconds > 0
