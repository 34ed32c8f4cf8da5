import { type ObjectClass, startsPlayback } from './playback-request.ts'

/** Why a client gets no object. It gets a status and a word, never the text of the origin. */
export interface Failure {
  status: 400 | 403 | 404 | 429 | 502 | 503 | 504
  /** The word that the client gets, and the label in metrics. */
  reason: FailureReason
  /** Time after which the client should try again, s; null when that does not help. */
  retryAfter: number | null
  /** Time for which the failure may be repeated without asking the origin again, ms. */
  keepMs: number
}

type FailureReason =
  | 'bad_request'
  | 'not_found'
  | 'not_live'
  | TokenFault
  | 'origin_unreachable'
  | 'origin_moving'
  | 'origin_timeout'
  | 'origin_error'
  | 'origin_busy'
  | 'edge_busy'
  | 'too_many_requests'
  | 'show_full'

/**
 * Why a playback token, or the lack of one, does not allow access. A token that was not issued here, or is
 * for another channel, is always `token_invalid`.
 */
type TokenFault =
  | 'token_missing'
  | 'token_invalid'
  | 'token_expired'
  | 'token_revoked'
  | 'token_of_other_address'
  | 'token_of_other_page'

/**
 * Time that an origin's `bad_request` and `not_found` are kept, ms. It is short, because the requested media
 * may exist as soon as the next part is complete.
 */
const refusalKeptMs = 500
/**
 * Time that an origin's `not_live`, `origin_unreachable`, `origin_error` and `origin_timeout` are kept, ms:
 * long enough that a crowd does not cause one attempt each.
 */
const troubleKeptMs = 250

export const badRequest: Failure = { status: 400, reason: 'bad_request', retryAfter: null, keepMs: 0 }
export const notFound: Failure = { status: 404, reason: 'not_found', retryAfter: null, keepMs: 0 }
export const notLive: Failure = { status: 404, reason: 'not_live', retryAfter: 1, keepMs: 0 }
const refused = (reason: TokenFault): Failure => ({ status: 403, reason, retryAfter: null, keepMs: 0 })
export const tokenMissing = refused('token_missing')
export const tokenInvalid = refused('token_invalid')
export const tokenExpired = refused('token_expired')
export const tokenRevoked = refused('token_revoked')
export const tokenOfOtherAddress = refused('token_of_other_address')
export const tokenOfOtherPage = refused('token_of_other_page')
export const edgeBusy: Failure = { status: 503, reason: 'edge_busy', retryAfter: 1, keepMs: 0 }
/** Failure for a client whose address has caused too many requests to origins. */
export const tooManyRequests: Failure = {
  status: 429,
  reason: 'too_many_requests',
  retryAfter: 1,
  keepMs: 0,
}
export const originBusy: Failure = { status: 503, reason: 'origin_busy', retryAfter: 1, keepMs: 0 }
/** Failure while the session moves to another transcoder that has no media yet. The session has not ended. */
export const moving: Failure = { status: 502, reason: 'origin_moving', retryAfter: 1, keepMs: 0 }

const trouble = (status: 502 | 504, reason: FailureReason): Failure => ({
  status,
  reason,
  retryAfter: 1,
  keepMs: troubleKeptMs,
})
export const unreachable = trouble(502, 'origin_unreachable')
export const originError = trouble(502, 'origin_error')
export const timedOut = trouble(504, 'origin_timeout')

/**
 * Time after which refused newcomers should try again, s: from `atLeast` to `atLeast + spread - 1` at random,
 * so that they do not return together.
 */
const fullRetry = { atLeast: 4, spread: 5 }

/** Returns the failure for a newcomer who is refused because of overload. */
export const showFull = (random: () => number = Math.random): Failure => ({
  status: 503,
  reason: 'show_full',
  retryAfter: fullRetry.atLeast + Math.floor(random() * fullRetry.spread),
  keepMs: 0,
})

/** Returns the failure for an origin's response other than 200. */
export function failureOf(status: number, kind: ObjectClass): Failure {
  if (status === 400) return { ...badRequest, keepMs: refusalKeptMs }
  // The origin may learn a moment before or after the registry that a session is live, so a later attempt may
  // succeed.
  if (status === 404 && startsPlayback(kind)) return { ...notLive, keepMs: troubleKeptMs }
  if (status === 404 || status === 410) return { ...notFound, keepMs: refusalKeptMs }
  // An origin sends 503 when it has held a request for too long. The same request may succeed a moment later,
  // so this failure is not kept.
  return status === 503 ? originBusy : originError
}
