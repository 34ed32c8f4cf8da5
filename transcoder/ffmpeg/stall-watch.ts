/**
 * Tells when ffmpeg hangs: it is given media and gives nothing back. A source that sends nothing is no stall.
 * All times are ms of one clock.
 */
export function createStallWatch(stallMs: number) {
  /** When the oldest input that has not been answered by any output was given. */
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
    /** Whether it hangs. `isBlocked`: ffmpeg does not take what is in its pipe. */
    isStalled(now: number, isBlocked: boolean): boolean {
      if (waitingSince === undefined || now - waitingSince < stallMs) return false
      // A last frame without a follower gives no output: only media that goes on coming counts.
      return isBlocked || lastInput - waitingSince >= stallMs / 2
    },
  }
}
