/** Time between checks, ms. */
const checkMs = 500

export type StallWatch = ReturnType<typeof createStallWatch>

/**
 * Finds out when ffmpeg hangs: input flows and there is no output. A source that sends nothing is not a
 * stall. All times are ms of one clock.
 */
export function createStallWatch(stallMs: number) {
  /** When the oldest input that was not followed by any output was written. */
  let waitingSince: number | undefined
  let lastInput = 0

  return {
    input(now: number): void {
      waitingSince ??= now
      lastInput = now
    },
    output(): void {
      waitingSince = undefined
    },
    /** Whether it hangs. `isBlocked`: ffmpeg does not read its pipe. */
    isStalled(now: number, isBlocked: boolean): boolean {
      if (waitingSince === undefined || now - waitingSince < stallMs) return false
      // A last frame without a successor causes no output. Only media that continues to arrive counts.
      return isBlocked || lastInput - waitingSince >= stallMs / 2
    },
  }
}

/** Checks for a stall from time to time and calls `onStall`. Returns the function that ends it. */
export function watchForStall(watch: StallWatch, isBlocked: () => boolean, onStall: () => void): () => void {
  const timer = setInterval(() => {
    if (watch.isStalled(performance.now(), isBlocked())) onStall()
  }, checkMs)
  return () => clearInterval(timer)
}
