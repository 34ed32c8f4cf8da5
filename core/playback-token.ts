import {
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

/** What a token lets its bearer watch. Times are ms since the epoch. */
export interface PlaybackClaims {
  /** Names the token, to revoke it; no secret. */
  id: string
  channelId: string
  issuedAt: number
  expiresAt: number
  /** The one client address or subnet (CIDR) that may use it. */
  address?: string
  /** Pages that may play with it, as browsers name them in `Origin`; `noPage` for whoever is no page. */
  origins?: readonly string[]
}

/** Among `origins`: a request that names no page, as those of apps and devices. */
export const noPage = 'none'

/** No token lives longer, ms. */
export const longestTokenLifeMs = 30 * 24 * 3_600_000

/** Each key signs for so long, ms; then comes the next, and the former goes on verifying what it signed. */
export const keyPeriodMs = 7 * 24 * 3_600_000

/** No token is longer, characters: what is, is not even looked at. */
export const longestToken = 2048

/** Number of a key, claims, and HMAC-SHA256 of both as they stand there. */
const tokenExpression = /^(\d{1,6})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/

const idExpression = /^pt_([0-9a-z]{6,8})_[A-Za-z0-9_-]{11}$/

/** The id of a new token. It holds the expiry, so that a revocation need not be kept for longer. */
export const newTokenId = (expiresAt: number) =>
  `pt_${Math.ceil(expiresAt / 1000).toString(36)}_${randomBytes(8).toString('base64url')}`

/** When a token of this id ends, ms since the epoch; undefined when it is the id of none. */
export function expiryOfTokenId(id: string): number | undefined {
  const [, seconds] = idExpression.exec(id) ?? []
  return seconds === undefined ? undefined : Number.parseInt(seconds, 36) * 1000
}

export type PlaybackTokens = ReturnType<typeof createPlaybackTokens>

/**
 * Makes and reads playback tokens. Keys are drawn from the cluster secret (HKDF, RFC 5869), one for each period, and named in
 * the token by the period's number: nothing is stored or sent, and a new key breaks no token that is in use.
 */
export function createPlaybackTokens(clusterSecret: string) {
  const keys = new Map<number, KeyObject>()

  function keyOf(period: number): KeyObject {
    const known = keys.get(period)
    if (known !== undefined) return known
    const drawn = hkdfSync('sha256', clusterSecret, '', `nowcast playback tokens ${period}`, 32)
    // A key object is made ready once; bytes would be for each HMAC, which then takes eight times as long.
    const key = createSecretKey(new Uint8Array(drawn))
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

    /** The claims of a token that was made here, whether still good or not; undefined for any other text. `now` in ms since the epoch. */
    read(token: string, now: number): PlaybackClaims | undefined {
      if (token.length > longestToken) return undefined
      const [, period = '', payload = '', mac = ''] = tokenExpression.exec(token) ?? []
      // Only keys that may have signed a token of now are drawn at all; the next one, because clocks differ.
      const age = Math.floor(now / keyPeriodMs) - Number(period)
      if (period === '' || age < -1 || age > Math.ceil(longestTokenLifeMs / keyPeriodMs)) return undefined
      const expected = macOf(Number(period), `${period}.${payload}`)
      // Texts are compared, not bytes: base64url has several texts for the same bytes, and one token is to have one.
      if (!timingSafeEqual(Buffer.from(mac), Buffer.from(expected))) return undefined
      return JSON.parse(Buffer.from(payload, 'base64url').toString()) as PlaybackClaims
    },
  }
}
