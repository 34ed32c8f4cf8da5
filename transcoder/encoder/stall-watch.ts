/** Interval at which a running ffmpeg is checked for a stall, ms. */
const checkMs = 500

export type StallWatch = ReturnType<typeof createStallWatch>

/**
 * Notices when ffmpeg hangs: it has had input for `stallMs` but writes nothing. A pause of the source is no
 * hang. All times are ms of one clock.
 */
export function createStallWatch(stallMs: number) {
  /** Time of the oldest input since the last output; undefined when there was no input since. */
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
    /** Whether ffmpeg hangs. `isBlocked`: ffmpeg does not read its input. */
    isStalled(now: number, isBlocked: boolean): boolean {
      if (waitingSince === undefined || now - waitingSince < stallMs) return false
      // A last frame may cause no output, because ffmpeg waits for the next one. So only input that continued
      // for half of `stallMs` counts.
      return isBlocked || lastInput - waitingSince >= stallMs / 2
    },
  }
}

/** Calls `onStall` at each check that finds a stall. Returns the function that ends the checks. */
export function watchForStall(watch: StallWatch, isBlocked: () => boolean, onStall: () => void): () => void {
  const timer = setInterval(() => {
    if (watch.isStalled(performance.now(), isBlocked())) onStall()
  }, checkMs)
  return () => clearInterval(timer)
}
