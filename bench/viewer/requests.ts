import { countOne, type RequestError, type RequestKind, type ViewerFigures } from './figures.ts'
import type { LoadPolicy } from './load-policy.ts'
import type { PendingRequest, ViewerConnections, ViewerResponse } from './wire/client.ts'

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
  function fail(kind: RequestKind, target: string, sentAt: number, error: RequestError) {
    countOne(figures.errors, error)
    figures.lastErrorAt = performance.now()
    observer.onResponse?.(kind, target, sentAt, error)
  }

  return {
    /**
     * Sends a request. Any status but 200 is an error. The whole response must arrive within the lower of the
     * `limits`, ms.
     */
    send(
      kind: RequestKind,
      target: string,
      limits: Pick<LoadPolicy, 'firstByteMs' | 'totalMs'>,
      result: RequestResult,
    ): PendingRequest {
      const sentAt = performance.now()
      figures.requests[kind]++
      observer.onRequest?.(kind, target)
      const pending = connections.request(target, {
        onResponse(response) {
          clearTimeout(timer)
          figures.bytes[kind] += response.body.length
          if (response.status === 200) {
            observer.onResponse?.(kind, target, sentAt, undefined)
            return result.onGood(response, sentAt)
          }
          if (isPolite(kind, response)) figures.refusals++
          else if (kind !== 'bundle') fail(kind, target, sentAt, response.status)
          result.onBad(response.status, response)
        },
        onFailure() {
          clearTimeout(timer)
          fail(kind, target, sentAt, 'connection')
          result.onBad('connection', undefined)
        },
      })
      const timer = setTimeout(
        () => {
          pending.abort()
          fail(kind, target, sentAt, 'timeout')
          result.onBad('timeout', undefined)
        },
        Math.min(limits.firstByteMs, limits.totalMs),
      )
      return {
        abort() {
          clearTimeout(timer)
          pending.abort()
        },
      }
    },
  }
}

/** Whether the server asks a viewer who joins to come back later. */
const isPolite = (kind: RequestKind, { status, retryAfterSeconds }: ViewerResponse) =>
  (kind === 'multivariant' || kind === 'bundle') &&
  (status === 503 || status === 429) &&
  retryAfterSeconds > 0
