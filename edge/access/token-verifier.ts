import type { IncomingHttpHeaders } from 'node:http'
import { networkTest } from '../../core/connections/networks.ts'
import { noPage, type PlaybackTokens } from '../../core/playback/playback-token.ts'
import type { VerifiedToken } from '../http/exchange.ts'

const maxRememberedTokens = 10_000

export type TokenVerifier = ReturnType<typeof createTokenVerifier>

/**
 * Creates a verifier that remembers up to `limit` authentic tokens, so that each is verified once for all
 * connections. At the limit it forgets about half of them, those that were not used lately.
 */
export function createTokenVerifier(tokens: Pick<PlaybackTokens, 'read'>, limit = maxRememberedTokens) {
  // There are two generations of tokens instead of a bounded map. When tokens arrive fast, removing the
  // oldest entry of a map one by one is slow, because the search for it passes the gaps of earlier removals.
  let current = new Map<string, VerifiedToken>()
  let previous = new Map<string, VerifiedToken>()

  function remember(verified: VerifiedToken): VerifiedToken {
    if (current.size >= limit / 2) {
      previous = current
      current = new Map()
    }
    current.set(verified.token, verified)
    return verified
  }

  return {
    /** Returns undefined when the token is not authentic. Expiry and revocation are not checked. */
    verify(token: string): VerifiedToken | undefined {
      const known = current.get(token)
      if (known !== undefined) return known
      const older = previous.get(token)
      if (older !== undefined) return remember(older)
      const claims = tokens.read(token, Date.now())
      if (claims === undefined) return undefined
      const { address, ...rest } = claims
      return remember({ ...rest, token, isFor: address === undefined ? anyAddress : networkTest([address]) })
    },
    get size() {
      return current.size + previous.size
    },
  }
}

const anyAddress = () => true

/** Returns the page of a request: `Origin`, else the origin of `Referer` (RFC 9110 10.1.3), else `noPage`. */
export function pageOf({ origin, referer }: IncomingHttpHeaders): string {
  if (origin !== undefined) return origin
  if (referer === undefined) return noPage
  return /^https?:\/\/[^/?#]+/i.exec(referer)?.[0].toLowerCase() ?? referer
}
