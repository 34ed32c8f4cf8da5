import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { noPage, type PlaybackClaims, type PlaybackTokens } from '../../core/playback/playback-token.ts'

/** A token that was made by this instance, with what it says. Whether it is good here and now is asked for each request. */
export interface Ticket extends Omit<PlaybackClaims, 'address'> {
  token: string
  /** Whether a client of this address may use it. */
  isFor(address: string): boolean
}

/** Tokens remembered at most; beyond it those go that were not met for the longest time, half of them at once. */
const remembered = 10_000

export type TicketDesk = ReturnType<typeof createTicketDesk>

/** Reads tokens, each once: a viewer's next connection finds it read. What is no token is not remembered. */
export function createTicketDesk(tokens: Pick<PlaybackTokens, 'read'>, limit = remembered) {
  /** Two generations: taking out the oldest one by one is slow, because a map walks over the gaps that are left. */
  let current = new Map<string, Ticket>()
  let former = new Map<string, Ticket>()

  function remember(ticket: Ticket): Ticket {
    if (current.size >= limit / 2) {
      former = current
      current = new Map()
    }
    current.set(ticket.token, ticket)
    return ticket
  }

  return {
    /** Undefined for a text that is no token of ours. */
    of(token: string): Ticket | undefined {
      const known = current.get(token)
      if (known !== undefined) return known
      const older = former.get(token)
      if (older !== undefined) return remember(older)
      const claims = tokens.read(token, Date.now())
      if (claims === undefined) return undefined
      const { address, ...rest } = claims
      return remember({ ...rest, token, isFor: address === undefined ? anybody : addressTest(address) })
    },
    get size() {
      return current.size + former.size
    },
  }
}

const anybody = () => true

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')
/** An IPv4 client of a socket that takes both comes as `::ffff:a.b.c.d`. */
const plain = (address: string) =>
  address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address

/** Tests for one address or a subnet in CIDR notation. */
function addressTest(allowed: string): (address: string) => boolean {
  const [network = '', prefix] = allowed.split('/')
  const list = new BlockList()
  if (prefix === undefined) list.addAddress(network, familyOf(network))
  else list.addSubnet(network, Number(prefix), familyOf(network))
  return (address) => {
    const client = plain(address)
    return isIP(client) !== 0 && list.check(client, familyOf(client))
  }
}

/** The page a request comes from: `Origin`, else the origin of `Referer` (RFC 9110 10.1.3), else `noPage`. */
export function pageOf({ origin, referer }: IncomingHttpHeaders): string {
  if (origin !== undefined) return origin
  if (referer === undefined) return noPage
  return /^https?:\/\/[^/?#]+/i.exec(referer)?.[0].toLowerCase() ?? referer
}
