export interface OutageSample {
  /** Time since the last byte arrived, or since the last attempt to reach the server, ms. */
  silentMs: number
  /** Media ahead of the playhead, seconds. */
  bufferSeconds: number
  /** Duration of the parts or segments that are loaded, seconds. */
  pieceSeconds: number
  /** Round trip that is rarely exceeded, ms. */
  lateRoundTripMs: number
  /** Whether an attempt to reach the server is the reason of the sample. */
  hasAttempted: boolean
}

/** Time of silence, in pieces, that is not usual any more; and the least such time, ms. */
const silentPieces = 1.5
const minSilentMs = 900
/** Buffer with which silence does not matter yet, seconds. */
const enoughSeconds = 1.2
/** Time between two attempts to reach the server, ms. */
const attemptEveryMs = 600

/** Whether the server has to be asked whether it can be reached. */
export function isOutage(sample: OutageSample): boolean {
  const { silentMs, bufferSeconds, pieceSeconds, lateRoundTripMs, hasAttempted } = sample
  if (hasAttempted) return silentMs >= attemptEveryMs
  const usualMs = Math.max(minSilentMs, pieceSeconds * 1000 * silentPieces) + 2 * lateRoundTripMs
  return bufferSeconds < enoughSeconds && silentMs > usualMs
}
