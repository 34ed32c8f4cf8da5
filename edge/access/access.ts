import type { SignedChannel } from '../../core/contracts/playback-rules.ts'
import { splitToken } from '../../core/playback/media-paths.ts'
import { secretsMatch } from '../../core/process/secrets.ts'
import type { Exchange } from '../http/exchange.ts'
import {
  type Failure,
  tokenExpired,
  tokenInvalid,
  tokenMissing,
  tokenOfOtherAddress,
  tokenOfOtherPage,
  tokenRevoked,
} from '../objects/failure.ts'
import type { KnownRules } from './rule-watch.ts'
import { pageOf, type TokenVerifier } from './token-verifier.ts'

/** The fields of an exchange that access reads. Access also writes `token` and `client.verifiedToken`. */
export type AccessRequest = Pick<Exchange, 'target' | 'token' | 'headers' | 'client'>

export type Access = ReturnType<typeof createAccess>

/** Decides which viewer may watch which channel. */
export function createAccess(rules: KnownRules, verifier: Pick<TokenVerifier, 'verify'>, peerKey: string) {
  const peerCredentials = `Bearer ${peerKey}`
  /** Whether the request is from another edge, which checks the tokens of its viewers itself. */
  const isPeer = ({ headers: { authorization } }: Pick<AccessRequest, 'headers'>) =>
    authorization !== undefined && secretsMatch(authorization, peerCredentials)

  function check(request: AccessRequest, channel: SignedChannel): Failure | undefined {
    const { token, client, headers } = request
    if (token === '') return isPeer(request) ? undefined : tokenMissing
    if (client.verifiedToken?.token !== token) client.verifiedToken = verifier.verify(token)
    const verified = client.verifiedToken
    // A forged token and one of another channel get the same response, so it reveals nothing about other
    // channels.
    if (verified === undefined || verified.channelId !== channel.channelId) return tokenInvalid
    if (verified.expiresAt <= Date.now()) return tokenExpired
    if (verified.issuedAt <= channel.revokedUntil) return tokenRevoked
    if (rules.revoked.size > 0 && rules.revoked.has(verified.id)) return tokenRevoked
    if (!verified.isFor(client.address)) return tokenOfOtherAddress
    if (verified.origins !== undefined && !verified.origins.includes(pageOf(headers))) return tokenOfOtherPage
    return undefined
  }

  return {
    /**
     * Sets `request.token` to the token in the target; empty when there is none. Returns the target without
     * the token.
     */
    takeToken(request: AccessRequest): string {
      const path = splitToken(request.target)
      request.token = path?.token ?? ''
      return path?.target ?? request.target
    },

    /** Returns why the client may not watch a channel now; undefined when it may. */
    refusal(request: AccessRequest, slug: string): Failure | undefined {
      const { signed } = rules
      const channel = signed.size === 0 ? undefined : signed.get(slug)
      return channel === undefined ? undefined : check(request, channel)
    },

    isPeer,

    isSigned: (slug: string) => rules.signed.has(slug),

    /**
     * Whether the playback rules have been read. Until then no viewer is served, because any channel may be
     * signed.
     */
    get isKnown() {
      return rules.areKnown
    },
  }
}
