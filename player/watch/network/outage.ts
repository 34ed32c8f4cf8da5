import { setAwakeTimeout } from './awake-timeout.ts'
import { requestBody } from './requests.ts'

export interface OutageSample {
  /** Time since the last byte arrived or since the last attempt to reach the server, ms: the shorter one. */
  silentMs: number
  /** Media ahead of the playhead, seconds. */
  bufferSeconds: number
  /** Part target where parts are loaded, otherwise target duration, seconds. */
  pieceSeconds: number
  /** Round trip that is rarely exceeded, ms. */
  lateRoundTripMs: number
  /** Whether the last attempt failed or has got no response yet. */
  hasAttempted: boolean
}

/**
 * Maximum usual silence as a multiple of `pieceSeconds`, and its lower bound, ms, both without round trips.
 */
const silentPieces = 1.5
const minSilentMs = 900
/** Minimum buffer with which silence does not matter yet, seconds. */
const enoughSeconds = 1.2
/** Time from an attempt without a response to the next one, ms. */
const attemptEveryMs = 600

/** Returns whether the silence is long enough for an attempt to reach the server. */
export function isOutage(sample: OutageSample): boolean {
  const { silentMs, bufferSeconds, pieceSeconds, lateRoundTripMs, hasAttempted } = sample
  if (hasAttempted) return silentMs >= attemptEveryMs
  const usualMs = Math.max(minSilentMs, pieceSeconds * 1000 * silentPieces) + 2 * lateRoundTripMs
  return bufferSeconds < enoughSeconds && silentMs > usualMs
}

/**
 * Time for which an edge may take to send an init segment, which it has, before the player leaves it for
 * another one, ms. Two round trips are added. Edges hold playlists for longer while the publisher is away.
 */
const signOfLifeMs = 500

/**
 * Requests an init segment and calls `onNone` when there is no response in time. `lateRoundTripMs`: round
 * trip that is rarely exceeded, ms. Returns a function that ends the watch.
 */
export function watchForLife(initUrl: string, lateRoundTripMs: number, onNone: () => void): () => void {
  const pending = requestBody(initUrl, { cache: 'no-store' })
  const cancelTimeout = setAwakeTimeout(onNone, signOfLifeMs + 2 * lateRoundTripMs)
  pending.body.catch(() => {}).finally(cancelTimeout)
  return () => {
    cancelTimeout()
    pending.abort()
  }
}
