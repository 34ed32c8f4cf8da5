/** What carries answers: a connection, or a stream of one. */
export interface Carrier {
  readonly writableLength: number
  readonly destroyed: boolean
  destroy(): unknown
}

/** An answer on its way. */
export interface Sending {
  /** Whether the system took all of it. */
  readonly writableFinished: boolean
}

export type SlowReaders = ReturnType<typeof createSlowReaders>

/** Cuts viewers who do not take what they asked for: an answer must have left this process `deadlineMs` after it was given. */
export function createSlowReaders(deadlineMs: number, now: () => number) {
  /** Answers on their way, the oldest first. */
  const draining = new Map<Sending, { carrier: Carrier; until: number }>()
  let cut = 0

  function sweep() {
    const time = now()
    for (const [answer, { carrier, until }] of draining) {
      if (answer.writableFinished || carrier.destroyed) draining.delete(answer)
      else if (until <= time) {
        draining.delete(answer)
        carrier.destroy()
        cut += 1
      }
    }
  }
  const timer = setInterval(sweep, Math.min(1000, deadlineMs / 2))

  return {
    /** Watches an answer that was just given, unless the system took all of it at once. */
    watch(carrier: Carrier, answer: Sending): void {
      if (carrier.writableLength > 0) draining.set(answer, { carrier, until: now() + deadlineMs })
    },
    close: (): void => clearInterval(timer),
    get draining() {
      return draining.size
    },
    get cut() {
      return cut
    },
  }
}
