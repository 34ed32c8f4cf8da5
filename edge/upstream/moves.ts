/** Age from which a request that is not held is aborted at a move, ms. A younger one may still succeed. */
const lateMs = 500

export type Moves = ReturnType<typeof createMoves>

/**
 * Keeps the requests for one session that are at its origin, so that they do not wait for an origin that the
 * session has left: it may be frozen, and then no connection breaks.
 */
export function createMoves(now: () => number = () => performance.now()) {
  const open = new Map<AbortController, number>()
  const waiting = new Set<() => void>()

  return {
    /**
     * Sends a request with a signal that aborts with `signal`, or when the session moves and the request is
     * held or late.
     */
    async follow<Result>(
      { signal, isHeld }: { signal: AbortSignal; isHeld: boolean },
      send: (signal: AbortSignal) => Promise<Result>,
    ): Promise<Result> {
      const own = new AbortController()
      const onAbort = () => own.abort()
      if (signal.aborted) onAbort()
      signal.addEventListener('abort', onAbort)
      open.set(own, isHeld ? -Infinity : now())
      try {
        return await send(own.signal)
      } finally {
        open.delete(own)
        signal.removeEventListener('abort', onAbort)
      }
    },

    /**
     * Waits until the session has another origin. Returns whether it has within `timeoutMs`, before `signal`
     * aborts.
     */
    next(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const leave = () => resolve(false)
      const timer = setTimeout(leave, timeoutMs)
      const arrive = () => resolve(true)
      signal.addEventListener('abort', leave)
      waiting.add(arrive)
      if (signal.aborted) leave()
      return promise.finally(() => {
        clearTimeout(timer)
        signal.removeEventListener('abort', leave)
        waiting.delete(arrive)
      })
    },

    /** To be called when the session has another origin. */
    move(): void {
      for (const arrive of waiting) arrive()
      const time = now()
      for (const [own, since] of open) if (time - since >= lateMs) own.abort()
    },

    get size() {
      return open.size + waiting.size
    },
  }
}
