import { newTokenId, type PlaybackClaims, type PlaybackTokens } from '../../core/playback/playback-token.ts'
import type { Channel } from '../store/channels.ts'

/** What a token may be bound to. */
export interface TokenBounds {
  address?: string | undefined
  origins?: readonly string[] | undefined
}

export type TokenMaker = ReturnType<typeof createTokenMaker>

/** Makes playback tokens; nothing of them is kept. */
export function createTokenMaker(tokens: Pick<PlaybackTokens, 'sign'>, now: () => number = Date.now) {
  return (
    { id, tokensRevokedUntil }: Pick<Channel, 'id' | 'tokensRevokedUntil'>,
    ttlMs: number,
    { address, origins }: TokenBounds = {},
  ): PlaybackClaims & { token: string } => {
    // Never of a time that is revoked already: clocks of managers differ.
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
