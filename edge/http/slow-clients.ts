/** What carries responses: an HTTP/1.1 connection, or one stream of HTTP/2. */
export interface Carrier {
  readonly destroyed: boolean
  destroy(): unknown
}

/** A response in transit. */
export interface Sending {
  /**
   * Whether nothing more has to leave this process, for example because the system has taken the whole
   * response.
   */
  readonly writableFinished: boolean
}

export type SlowClients = ReturnType<typeof createSlowClients>

/**
 * Destroys the carrier of a response that is still in this process `deadlineMs` after `watch` was called for
 * it, because its client does not read.
 */
export function createSlowClients(deadlineMs: number, now: () => number) {
  /** Responses in transit. A complete one stays here until the next sweep. */
  const draining = new Map<Sending, { carrier: Carrier; until: number }>()
  let cut = 0

  function sweep() {
    const time = now()
    for (const [response, { carrier, until }] of draining) {
      if (response.writableFinished || carrier.destroyed) draining.delete(response)
      else if (until <= time) {
        draining.delete(response)
        carrier.destroy()
        cut += 1
      }
    }
  }
  const timer = setInterval(sweep, Math.min(1000, deadlineMs / 2))

  return {
    /**
     * Watches a response that was just sent. Callers may omit this when the system took all of it at once.
     */
    watch(carrier: Carrier, response: Sending): void {
      draining.set(response, { carrier, until: now() + deadlineMs })
    },
    close: (): void => clearInterval(timer),
    /** Number of responses that are watched. */
    get draining() {
      return draining.size
    },
    /** Number of carriers that were destroyed since the start. */
    get cut() {
      return cut
    },
  }
}
