import {
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

/** What a token permits. Times are ms since the epoch. */
export interface PlaybackClaims {
  /** Names the token in a revocation. Not a secret. */
  id: string
  channelId: string
  issuedAt: number
  expiresAt: number
  /** The only client address or subnet (CIDR) that may use the token; undefined: any. */
  address?: string
  /** Origins of web pages that may use the token, `noPage` for clients without a page; undefined: any. */
  origins?: readonly string[]
}

/** Value in `origins` for requests without `Origin` and `Referer`, such as those of apps and devices. */
export const noPage = 'none'

/** Maximum lifetime of a token: 30 days, in ms. */
export const maxTokenLifeMs = 30 * 24 * 3_600_000

/** Time for which a key signs new tokens: 7 days, in ms. After it, the key is only used to verify. */
export const keyPeriodMs = 7 * 24 * 3_600_000

/** Maximum length of a token that `read` verifies, characters. */
const maxTokenLength = 2048

/**
 * A token has three fields: the number of its key's period, the claims, and an HMAC-SHA256 of the text of the
 * first two.
 */
const tokenExpression = /^(\d{1,6})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/

const idExpression = /^pt_([0-9a-z]{6,8})_[A-Za-z0-9_-]{11}$/

/** Returns the id of a new token. It contains the expiry, after which a revocation can be forgotten. */
export const newTokenId = (expiresAt: number) =>
  `pt_${Math.ceil(expiresAt / 1000).toString(36)}_${randomBytes(8).toString('base64url')}`

/** Returns the expiry in a token id, rounded up to a second, ms since the epoch; undefined when malformed. */
export function expiryOfTokenId(id: string): number | undefined {
  const [, seconds] = idExpression.exec(id) ?? []
  return seconds === undefined ? undefined : Number.parseInt(seconds, 36) * 1000
}

export type PlaybackTokens = ReturnType<typeof createPlaybackTokens>

/**
 * Signs and verifies playback tokens. Keys are derived from `tokenKey` (HKDF, RFC 5869), one for each period.
 * A token names its key by the number of the period, so no key is stored or sent, and a new key does not
 * invalidate tokens in use.
 */
export function createPlaybackTokens(tokenKey: string) {
  const keys = new Map<number, KeyObject>()

  function keyOf(period: number): KeyObject {
    const known = keys.get(period)
    if (known !== undefined) return known
    const derived = hkdfSync('sha256', tokenKey, '', `nowcast playback tokens ${period}`, 32)
    // With raw bytes instead of a key object, Node prepares the key for each HMAC, which takes eight times as
    // long.
    const key = createSecretKey(new Uint8Array(derived))
    keys.set(period, key)
    return key
  }

  const macOf = (period: number, signed: string) =>
    createHmac('sha256', keyOf(period)).update(signed).digest('base64url')

  return {
    sign(claims: PlaybackClaims): string {
      const period = Math.floor(claims.issuedAt / keyPeriodMs)
      const signed = `${period}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
      return `${signed}.${macOf(period, signed)}`
    },

    /**
     * Returns the claims of an authentic token, which may have expired; undefined for any other text, and for
     * a token whose key cannot be in use at `now`, ms since the epoch.
     */
    read(token: string, now: number): PlaybackClaims | undefined {
      if (token.length > maxTokenLength) return undefined
      const [, period = '', payload = '', mac = ''] = tokenExpression.exec(token) ?? []
      // Derives only keys that may have signed a valid token, and the next key, because clocks differ.
      // Otherwise a client could make this process derive a million keys.
      const age = Math.floor(now / keyPeriodMs) - Number(period)
      if (period === '' || age < -1 || age > Math.ceil(maxTokenLifeMs / keyPeriodMs)) return undefined
      const expected = macOf(Number(period), `${period}.${payload}`)
      // Compares text, not bytes: base64url has several spellings for the same bytes, and only one is valid.
      if (!timingSafeEqual(Buffer.from(mac), Buffer.from(expected))) return undefined
      return JSON.parse(Buffer.from(payload, 'base64url').toString()) as PlaybackClaims
    },
  }
}
