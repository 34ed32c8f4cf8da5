/** Prints what is being measured, and about how much time is left. */
export interface Progress {
  /** Prints the next step, which takes about `seconds` of those that were announced. */
  step(what: string, seconds: number): void
  /** Removes time from the rest, because a step is not needed. */
  skip(seconds: number): void
}

/** `totalSeconds` is the time that all steps are expected to take. */
export function createProgress(totalSeconds: number, print: (line: string) => void): Progress {
  const startedAt = performance.now()
  const rest = { seconds: totalSeconds }
  return {
    step(what, seconds) {
      const past = (performance.now() - startedAt) / 1000
      print(`${clock(past)}  about ${clock(Math.max(0, rest.seconds))} left  ${what}`)
      rest.seconds -= seconds
    },
    skip(seconds) {
      rest.seconds -= seconds
    },
  }
}

const clock = (seconds: number) =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
