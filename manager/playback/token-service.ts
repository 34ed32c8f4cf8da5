import type { NewToken, TokenRevocationView, TokenView } from '../../core/api/playback-token.ts'
import { expiryOfTokenId, maxTokenLifeMs } from '../../core/playback/playback-token.ts'
import type { Log } from '../../core/process/log.ts'
import { channelNotFound, findChannel } from '../channels/find-channel.ts'
import { Problem } from '../http/problem.ts'
import type { HostHeader, PublicUrls } from '../http/public-urls.ts'
import type { Revocation } from '../mirrors/revocation.ts'
import type { ChannelStore } from '../store/channels.ts'
import type { EventStore } from '../store/events.ts'
import type { PlaybackRuleStore } from '../store/playback-rules.ts'
import type { IssueToken } from './token-issuer.ts'

export interface TokenServiceDependencies {
  channels: Pick<ChannelStore, 'bySlug' | 'revokeTokens'>
  rules: Pick<PlaybackRuleStore, 'revoke'>
  events: Pick<EventStore, 'record'>
  revocation: Pick<Revocation, 'prepare' | 'closePlayback'>
  issueToken: IssueToken
  urls: Pick<PublicUrls, 'signedPlayback'>
  /**
   * Called with the slug of a channel whose tokens were all revoked, so that pages drop their copy of the
   * channel.
   */
  onChange(slug: string): void
  log: Log
}

/**
 * Maximum number of tokens that are revoked individually at a time. It is bounded because every edge holds
 * their ids in memory.
 */
const maxRevokedTokens = 10_000

export type TokenService = ReturnType<typeof createTokenService>

/**
 * Creates the operations of `/v1/channels/{slug}/playback-tokens`. Methods reject with a Problem, which
 * becomes the response. Any other error becomes a 500.
 */
export function createTokenService(dependencies: TokenServiceDependencies) {
  const { channels, rules, events, revocation, issueToken, urls, onChange, log } = dependencies
  return {
    async create(slug: string, request: NewToken, host: HostHeader): Promise<TokenView> {
      const { ttlSeconds = 3600, address, origins } = request
      const channel = await findChannel(channels, slug)
      const issued = issueToken(channel, ttlSeconds * 1000, { address, origins })
      const expiresAt = new Date(issued.expiresAt).toISOString()
      await events.record({
        type: 'token.created',
        at: issued.issuedAt,
        channel: { id: channel.id, slug },
        data: { tokenId: issued.id, expiresAt },
      })
      log.debug({ slug, tokenId: issued.id }, 'playback token issued')
      return {
        id: issued.id,
        token: issued.token,
        expiresAt,
        address: address ?? null,
        origins: origins ?? null,
        hls: urls.signedPlayback(slug, issued.token, host),
      }
    },

    /**
     * Revokes one token. Does nothing if it has expired.
     * @throws Problem `channel_not_found`. `redis_unavailable`, with nothing changed, when Redis is away.
     * `too_many_revocations` when `maxRevokedTokens` others are revoked. `revocation_pending` when Redis goes
     * away after the change was stored
     */
    async revoke(slug: string, tokenId: string): Promise<void> {
      const { id } = await findChannel(channels, slug)
      const now = Date.now()
      const expiresAt = expiryOfTokenId(tokenId) ?? 0
      // An expired token is refused anyway. An id with an expiry beyond the lifetime of any token was not
      // issued here.
      if (expiresAt < now || expiresAt > now + 2 * maxTokenLifeMs) return
      await revocation.prepare()
      if (!(await rules.revoke(tokenId, id, expiresAt, now, maxRevokedTokens)))
        throw new Problem(
          'too_many_revocations',
          `${maxRevokedTokens} tokens are revoked individually; revoke all tokens of a channel instead`,
        )
      log.info({ slug, tokenId }, 'playback token revoked')
      await revocation.closePlayback()
    },

    /**
     * Revokes all tokens of a channel that were issued at `issuedBefore` (ms since the epoch) or before. A
     * later time than now counts as now.
     * @throws Problem `channel_not_found`. `redis_unavailable`, with nothing changed, when Redis is away.
     * `revocation_pending` when Redis goes away after the change was stored
     */
    async revokeAll(slug: string, issuedBefore: number): Promise<TokenRevocationView> {
      const { id } = await findChannel(channels, slug)
      await revocation.prepare()
      const channel = await channels.revokeTokens(id, Math.min(issuedBefore, Date.now()))
      if (!channel) throw channelNotFound(slug)
      onChange(slug)
      log.info({ slug, revokedUntil: channel.tokensRevokedUntil }, 'playback tokens revoked')
      await revocation.closePlayback()
      return { revokedUntil: new Date(channel.tokensRevokedUntil).toISOString() }
    },
  }
}
