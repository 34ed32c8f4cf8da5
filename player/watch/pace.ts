import { createBackoff, spread } from './backoff.ts'
import type { ProbeAnswer } from './channel-probe.ts'
import type { WatchState } from './watch-state.ts'

/** How long a page without a word from the server waits before it asks again, ms. */
const waitingMs = 2000
/** After the end: soon at first, for a publisher who comes straight back, then seldom. */
const endedMs = 3000
const endedLaterMs = 15_000
const endedSoonTries = 20
const fullMs = 5000
/** A show that has begun but cannot be joined yet can within a second or two. */
const beginningMs = 250

/** Decides how long to wait between two questions whether the channel is live. */
export function createPace(random: () => number = Math.random) {
  const trouble = createBackoff({ firstMs: 500, maxMs: 5000, random })
  let name: WatchState['name'] | undefined
  let tries = 0

  return {
    /** Wait before the next question, ms, in `state`, after `answer` (undefined: none yet). */
    next(state: Pick<WatchState, 'name'>, answer: ProbeAnswer | undefined): number {
      tries = name === state.name ? tries + 1 : 0
      name = state.name
      const asked = answer !== undefined && 'retryAfterMs' in answer ? answer.retryAfterMs : undefined
      if (state.name === 'recovering') return trouble.next()
      if (state.name === 'looking') return spread(beginningMs, random)
      if (state.name === 'refused') return spread(asked ?? fullMs, random)
      if (state.name === 'ended') return spread(tries < endedSoonTries ? endedMs : endedLaterMs, random)
      return spread(asked ?? waitingMs, random)
    },
    /** Playback went well for a while: the next trouble is a new one. */
    calm() {
      trouble.reset()
    },
  }
}
