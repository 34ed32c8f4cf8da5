import type { ObjectClass } from './playback-request.ts'

/** Why there is no object: told to viewers as a status and a few words, never with the origin's own text. */
export interface Failure {
  status: 400 | 403 | 404 | 502 | 503 | 504
  /** One of a few words, also the label in metrics. */
  reason: FailureReason
  /** When to come again, s; null when coming again does not help. */
  retryAfter: number | null
  /** How long the same answer may be given without asking the origin again, ms. */
  keepMs: number
}

export type FailureReason =
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
  | 'show_full'

/** What is wrong with a playback token, told apart only for one that was made here. */
type TokenFault =
  | 'token_missing'
  | 'token_invalid'
  | 'token_expired'
  | 'token_revoked'
  | 'token_of_other_address'
  | 'token_of_other_page'

/** 404 and 400 of an origin: short, because the very next part may make the same request a good one. */
const refusalKeptMs = 500
/** Trouble with an origin: just long enough that a crowd does not become one connection attempt each. */
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
/** When who may not come in yet should ask again, s: each at another time, so that they do not come back together. */
const fullRetry = { atLeast: 4, spread: 5 }

export const showFull = (random: () => number = Math.random): Failure => ({
  status: 503,
  reason: 'show_full',
  retryAfter: fullRetry.atLeast + Math.floor(random() * fullRetry.spread),
  keepMs: 0,
})
export const unreachable: Failure = {
  status: 502,
  reason: 'origin_unreachable',
  retryAfter: 1,
  keepMs: troubleKeptMs,
}
/** Another transcoder takes the session over and has no media yet: not the end of the show. */
export const moving: Failure = { status: 502, reason: 'origin_moving', retryAfter: 1, keepMs: 0 }
export const timedOut: Failure = {
  status: 504,
  reason: 'origin_timeout',
  retryAfter: 1,
  keepMs: troubleKeptMs,
}
export const originError: Failure = {
  status: 502,
  reason: 'origin_error',
  retryAfter: 1,
  keepMs: troubleKeptMs,
}

/** The failure that an origin's answer other than 200 stands for. */
export function failureOf(status: number, kind: ObjectClass): Failure {
  if (status === 400) return { ...badRequest, keepMs: refusalKeptMs }
  // The registry calls the session live a moment before, or after, its origin does.
  if (status === 404 && kind === 'multivariant') return { ...notLive, keepMs: troubleKeptMs }
  if (status === 404 || status === 410) return { ...notFound, keepMs: refusalKeptMs }
  // A 503 ends a reload that was held too long: the key may be good a moment later, so it is not kept at all.
  if (status === 503) return { status: 503, reason: 'origin_busy', retryAfter: 1, keepMs: 0 }
  return originError
}
