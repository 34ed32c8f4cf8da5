import { isIP } from 'node:net'
import { expiryOfTokenId, maxTokenLifeMs } from '../../core/playback/playback-token.ts'
import type { Log } from '../../core/process/log.ts'
import type { Revocation } from '../channels/revocation.ts'
import { Problem } from '../http/problems.ts'
import type { PublicUrls } from '../http/public-urls.ts'
import type { NewToken, TokenRevocationView, TokenView } from '../schemas/playback-token.ts'
import type { Channel } from '../store/channels.ts'
import type { TokenMaker } from './token-maker.ts'

export interface TokenDeskParts {
  channels: {
    bySlug(slug: string): Promise<Channel | undefined>
    revokeTokens(id: string, until: number): Promise<Channel | undefined>
  }
  rules: {
    revoke(id: string, channelId: string, endsAt: number, now: number, limit: number): Promise<boolean>
  }
  revocation: Pick<Revocation, 'prepare' | 'closePlayback'>
  makeToken: TokenMaker
  urls: Pick<PublicUrls, 'signedPlayback'>
  /** Hears the slug of each channel whose tokens were revoked. */
  onChange(slug: string): void
  log: Log
}

/** Tokens that may be revoked one by one at a time: edges hold them in memory. */
const mostRevoked = 10_000

export type TokenDesk = ReturnType<typeof createTokenDesk>

/** What the API does with playback tokens. Everything here rejects with a Problem where the client is to hear of it. */
export function createTokenDesk(parts: TokenDeskParts) {
  const { channels, rules, revocation, makeToken, urls, onChange, log } = parts

  async function find(slug: string): Promise<Channel> {
    const channel = await channels.bySlug(slug)
    if (!channel) throw new Problem('channel_not_found', `No channel has the slug ${slug}`)
    return channel
  }

  return {
    async create(slug: string, wanted: NewToken, host: string | undefined): Promise<TokenView> {
      const { ttlSeconds = 3600, address, origins } = wanted
      if (address !== undefined && !isAddress(address))
        throw new Problem('validation_failed', 'address: is neither an IP address nor a subnet', {
          fieldErrors: [{ in: 'body', field: 'address', message: 'is neither an IP address nor a subnet' }],
        })
      const made = makeToken(await find(slug), ttlSeconds * 1000, { address, origins })
      log.debug({ slug, tokenId: made.id }, 'playback token made')
      return {
        id: made.id,
        token: made.token,
        expiresAt: new Date(made.expiresAt).toISOString(),
        address: address ?? null,
        origins: origins ?? null,
        hls: urls.signedPlayback(slug, made.token, host),
      }
    },

    /** Revokes one token. @throws Problem `redis_unavailable` when that would not hold */
    async revoke(slug: string, tokenId: string): Promise<void> {
      const { id } = await find(slug)
      const now = Date.now()
      const endsAt = expiryOfTokenId(tokenId) ?? 0
      // One that ended is refused anyway; one of a farther future was not made here.
      if (endsAt < now || endsAt > now + 2 * maxTokenLifeMs) return
      await revocation.prepare()
      if (!(await rules.revoke(tokenId, id, endsAt, now, mostRevoked)))
        throw new Problem(
          'too_many_revocations',
          `${mostRevoked} tokens are revoked one by one; revoke all of a channel instead`,
        )
      log.info({ slug, tokenId }, 'playback token revoked')
      await revocation.closePlayback()
    },

    /** Revokes all tokens of a channel of this time (ms since the epoch) or before. @throws Problem `redis_unavailable` when that would not hold */
    async revokeAll(slug: string, issuedBefore: number): Promise<TokenRevocationView> {
      const { id } = await find(slug)
      await revocation.prepare()
      const channel = await channels.revokeTokens(id, Math.min(issuedBefore, Date.now()))
      if (!channel) throw new Problem('channel_not_found', `No channel has the slug ${slug}`)
      onChange(slug)
      log.info({ slug, revokedUntil: channel.tokensRevokedUntil }, 'playback tokens revoked')
      await revocation.closePlayback()
      return { revokedUntil: new Date(channel.tokensRevokedUntil).toISOString() }
    },
  }
}

/** An IP address, or a subnet in CIDR notation. */
function isAddress(text: string): boolean {
  const [network = '', prefix, ...rest] = text.split('/')
  const family = isIP(network)
  if (family === 0 || rest.length > 0 || network.includes('%')) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 6 ? 128 : 32))
}
