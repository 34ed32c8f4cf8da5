import { newTokenId, type PlaybackClaims, type PlaybackTokens } from '../../core/playback/playback-token.ts'
import type { Channel } from '../store/channel-record.ts'

/** What a token may be restricted to. */
export interface TokenRestrictions {
  address?: string | undefined
  origins?: readonly string[] | undefined
}

export type IssueToken = ReturnType<typeof createTokenIssuer>

/** Returns a function that issues playback tokens. Tokens are not stored. */
export function createTokenIssuer(tokens: Pick<PlaybackTokens, 'sign'>, now: () => number = Date.now) {
  return (
    { id, tokensRevokedUntil }: Pick<Channel, 'id' | 'tokensRevokedUntil'>,
    ttlMs: number,
    { address, origins }: TokenRestrictions = {},
  ): PlaybackClaims & { token: string } => {
    // Later than any revocation, because the clocks of managers differ.
    const issuedAt = Math.max(now(), tokensRevokedUntil + 1)
    const expiresAt = issuedAt + ttlMs
    const claims = {
      id: newTokenId(expiresAt),
      channelId: id,
      issuedAt,
      expiresAt,
      ...(address === undefined ? {} : { address }),
      ...(origins === undefined ? {} : { origins }),
    }
    return { ...claims, token: tokens.sign(claims) }
  }
}
