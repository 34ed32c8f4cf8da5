import { newTokenId, type PlaybackClaims, type PlaybackTokens } from '../../core/playback/playback-token.ts'
import type { Channel } from '../store/channel-record.ts'

/**
 * Where a token may be used: by viewers with this IP address or in this subnet, and on pages of these
 * origins. Without a restriction it may be used anywhere.
 */
export interface TokenRestrictions {
  address?: string | undefined
  origins?: readonly string[] | undefined
}

export type IssueToken = ReturnType<typeof createTokenIssuer>

/**
 * Returns a function that signs playback tokens. Tokens are not stored: a revocation names the id of a token,
 * or a time.
 */
export function createTokenIssuer(tokens: Pick<PlaybackTokens, 'sign'>, now: () => number = Date.now) {
  return (
    { id, tokensRevokedUntil }: Pick<Channel, 'id' | 'tokensRevokedUntil'>,
    ttlMs: number,
    { address, origins }: TokenRestrictions = {},
  ): PlaybackClaims & { token: string } => {
    // This time is always later than the channel's last revocation, even if that was written by a manager
    // whose clock is ahead.
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
