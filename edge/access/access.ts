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
import { pageOf, type TicketDesk } from './verified-token.ts'

/** What is looked at in a request, and written down there. */
export type Visitor = Pick<Exchange, 'target' | 'token' | 'headers' | 'client'>

export type Access = ReturnType<typeof createAccess>

/** Decides who may see which channel. Channels that are open to all cost one look into a map, and none while no channel is signed. */
export function createAccess(rules: KnownRules, tickets: Pick<TicketDesk, 'of'>, clusterSecret: string) {
  const peer = `Bearer ${clusterSecret}`
  /** Another edge, which asked its viewer for a token itself. */
  const isPeer = ({ headers: { authorization } }: Pick<Visitor, 'headers'>) =>
    authorization !== undefined && secretsMatch(authorization, peer)

  function judge(visitor: Visitor, channel: SignedChannel): Failure | undefined {
    const { token, client, headers } = visitor
    if (token === '') return isPeer(visitor) ? undefined : tokenMissing
    if (client.ticket?.token !== token) client.ticket = tickets.of(token)
    const { ticket } = client
    // Nothing is told of a token before it is known to be one.
    if (ticket === undefined || ticket.channelId !== channel.channelId) return tokenInvalid
    if (ticket.expiresAt <= Date.now()) return tokenExpired
    if (ticket.issuedAt <= channel.revokedUntil) return tokenRevoked
    if (rules.revoked.size > 0 && rules.revoked.has(ticket.id)) return tokenRevoked
    if (!ticket.isFor(client.address)) return tokenOfOtherAddress
    if (ticket.origins !== undefined && !ticket.origins.includes(pageOf(headers))) return tokenOfOtherPage
    return undefined
  }

  return {
    /** Takes the token out of the target and notes it; gives the target that is left. */
    enter(visitor: Visitor): string {
      const path = splitToken(visitor.target)
      visitor.token = path?.token ?? ''
      return path?.target ?? visitor.target
    },

    /** Why a visitor may not see a channel now; undefined when they may. */
    refusal(visitor: Visitor, slug: string): Failure | undefined {
      const { signed } = rules
      const channel = signed.size === 0 ? undefined : signed.get(slug)
      return channel === undefined ? undefined : judge(visitor, channel)
    },

    /** Whether another edge asks, for its viewers. */
    isPeer,

    isSigned: (slug: string) => rules.signed.has(slug),

    /** Whether it is known which channels are signed; until then there is nobody to be let in. */
    get isKnown() {
      return rules.areKnown
    },
  }
}
