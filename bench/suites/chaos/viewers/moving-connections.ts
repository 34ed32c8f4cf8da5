import type { PendingRequest, ResponseListener, ViewerConnections } from '../../../viewer/wire/client.ts'
import { createConnections } from '../../../viewer/wire/connections.ts'

interface MovingOptions {
  /** The edges, and the index of the one to begin with. */
  urls: readonly URL[]
  first: number
  userAgent: string
  /**
   * Time without any response after which a request without one makes the viewer leave the edge, ms; 0: the
   * first such request does.
   */
  patienceMs: number
  onDrop(): void
}

export interface MovingConnections extends ViewerConnections {
  /** Index of the edge in use. */
  readonly at: number
  /** When the edge in use has last responded, or when it began to be used, ms of `performance.now()`. */
  readonly respondedAt: number
  /** Uses another edge. Requests in progress are sent again there. */
  moveTo(index: number): void
  /** Uses the next edge. */
  leave(): void
}

/** Time for which a viewer stays at an edge at least before a failed request makes it leave, ms. */
const minStayMs = 500

interface Sent extends PendingRequest {
  target: string
  listener: ResponseListener
  pending: PendingRequest | undefined
}

/** Opens connections to one edge of several at a time, and to the next one when that does not respond. */
export function createMovingConnections(options: MovingOptions): MovingConnections {
  const { urls, userAgent, patienceMs, onDrop } = options
  const pools = new Map<number, ViewerConnections>()
  const open = new Set<Sent>()
  let at = options.first
  let respondedAt = performance.now()
  let movedAt = Number.NEGATIVE_INFINITY

  function poolOf(index: number): ViewerConnections {
    const known = pools.get(index)
    if (known !== undefined) return known
    const pool = createConnections({ url: urls[index] as URL, userAgent, onDrop })
    pools.set(index, pool)
    return pool
  }

  function send(sent: Sent) {
    const edge = at
    sent.pending = poolOf(edge).request(sent.target, {
      onResponse(response) {
        open.delete(sent)
        respondedAt = performance.now()
        sent.listener.onResponse(response)
      },
      onFailure() {
        const now = performance.now()
        const isLost = edge === at && now - respondedAt >= patienceMs && now - movedAt >= minStayMs
        // The request is sent again at the next edge.
        if (isLost) return leave()
        open.delete(sent)
        sent.listener.onFailure()
      },
    })
  }

  function moveTo(index: number) {
    if (index === at) return
    at = index
    // The patience begins again at the next edge.
    movedAt = respondedAt = performance.now()
    for (const sent of open) {
      sent.pending?.abort()
      send(sent)
    }
  }

  const leave = () => moveTo((at + 1) % urls.length)

  return {
    get at() {
      return at
    },
    get respondedAt() {
      return respondedAt
    },
    moveTo,
    leave,
    request(target, listener) {
      const sent: Sent = {
        ...{ target, listener, pending: undefined },
        abort() {
          open.delete(sent)
          sent.pending?.abort()
        },
      }
      open.add(sent)
      send(sent)
      return sent
    },
    close() {
      open.clear()
      for (const pool of pools.values()) pool.close()
    },
  }
}
