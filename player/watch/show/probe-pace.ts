import { createBackoff } from '../../../core/mechanisms/backoff.ts'
import type { ProbeResult } from './channel-probe.ts'
import { spread } from './retry-after.ts'
import type { WatchState } from './watch-state.ts'

/** Minimum time between two probes before the show when the server sends no Retry-After, ms. */
const waitingMs = 2000
/**
 * Minimum time between two probes after the show, ms: short for the first `endedShortProbes`, because a
 * publisher may reconnect, then long.
 */
const endedMs = 3000
const endedLaterMs = 15_000
const endedShortProbes = 20
/** Minimum time between two probes of a full server that sends no Retry-After, ms. */
const fullMs = 5000
/** Minimum time between two probes of a session that has no segment yet, ms. */
const startingMs = 250

/**
 * Creates the rule for the time to the next probe. The time depends on the state of the page, on Retry-After
 * and on how many probes came before.
 */
export function createProbePace(random: () => number = Math.random) {
  const troubleBackoff = createBackoff({ firstMs: 500, maxMs: 5000, jitter: 0.5, random })
  let name: WatchState['name'] | undefined
  let probes = 0

  return {
    /** Returns the time to the next probe, ms. `result` is undefined before the first probe. */
    next(state: Pick<WatchState, 'name'>, result: ProbeResult | undefined): number {
      probes = name === state.name ? probes + 1 : 0
      name = state.name
      const requestedMs = result !== undefined && 'retryAfterMs' in result ? result.retryAfterMs : undefined
      if (state.name === 'recovering') return troubleBackoff.next()
      if (state.name === 'checking') return spread(startingMs, random)
      if (state.name === 'refused') return spread(requestedMs ?? fullMs, random)
      if (state.name === 'ended') return spread(probes < endedShortProbes ? endedMs : endedLaterMs, random)
      return spread(requestedMs ?? waitingMs, random)
    },
    /** Resets the backoff of the state `recovering`. Must be called after playback without trouble. */
    calm() {
      troubleBackoff.reset()
    },
  }
}
