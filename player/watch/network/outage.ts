export interface OutageSample {
  /** Time since the last byte arrived or the last attempt to reach the server began, ms: the shorter one. */
  silentMs: number
  /** Media ahead of the playhead, seconds. */
  bufferSeconds: number
  /** Part target where parts are loaded, otherwise target duration, seconds. */
  pieceSeconds: number
  /** Round trip that is rarely exceeded, ms. */
  lateRoundTripMs: number
  /** Whether the server was not reached by the last attempt, or has not responded to it yet. */
  hasAttempted: boolean
}

/** Maximum usual silence as a multiple of `pieceSeconds`, and its lower bound, ms. */
const silentPieces = 1.5
const minSilentMs = 900
/** Buffer from which silence does not matter yet, seconds. */
const enoughSeconds = 1.2
/** Time from an attempt without a response to the next one, ms. */
const attemptEveryMs = 600

/** Whether the silence is long enough for an attempt to reach the server. */
export function isOutage(sample: OutageSample): boolean {
  const { silentMs, bufferSeconds, pieceSeconds, lateRoundTripMs, hasAttempted } = sample
  if (hasAttempted) return silentMs >= attemptEveryMs
  const usualMs = Math.max(minSilentMs, pieceSeconds * 1000 * silentPieces) + 2 * lateRoundTripMs
  return bufferSeconds < enoughSeconds && silentMs > usualMs
}
