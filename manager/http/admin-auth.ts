import type { FastifyReply, FastifyRequest } from 'fastify'
import { networkOf } from '../../core/connections/client-network.ts'
import type { TrustedProxies } from '../../core/connections/trusted-proxies.ts'
import { BoundedMap } from '../../core/mechanisms/bounded-map.ts'
import { secretsMatch } from '../../core/process/secrets.ts'
import { Problem } from './problem.ts'

/** Failed attempts to sign in, counted per IPv4 address or /64 of IPv6 in a window of time. */
export interface FailedAttempts {
  /** Counts a failure. Returns the seconds to wait when the client has had too many, otherwise undefined. */
  note(address: string): number | undefined
  /** Forgets the failures of an address, because it has presented the right token. */
  forget(address: string): void
}

interface NetworkFailures {
  count: number
  /** Time at which the count starts again, in ms of the clock `now`. */
  endsAt: number
}

/**
 * Allows `limit` failures per network in `windowMs`. At most `maxNetworks` are remembered; the one whose
 * last failure is oldest is forgotten first. `now` is a clock in ms.
 */
export function createFailedAttempts({
  limit = 10,
  windowMs = 60_000,
  maxNetworks = 10_000,
  now = Date.now,
} = {}): FailedAttempts {
  const byNetwork = new BoundedMap<string, NetworkFailures>(maxNetworks)
  return {
    note(address) {
      const network = networkOf(address)
      const at = now()
      const known = byNetwork.get(network)
      const failures = known && known.endsAt > at ? known : { count: 0, endsAt: at + windowMs }
      failures.count += 1
      byNetwork.set(network, failures)
      return failures.count > limit ? Math.max(1, Math.ceil((failures.endsAt - at) / 1000)) : undefined
    },
    forget(address) {
      byNetwork.delete(networkOf(address))
    },
  }
}

/**
 * Returns a hook that admits only requests with the admin token (RFC 6750). It must run before the body is
 * read. The right token is admitted even from an address with too many failures: someone who shares the
 * operator's address cannot lock the operator out. Behind a trusted proxy the client's address counts.
 */
export function createAdminAuth(
  adminToken: string,
  failures: FailedAttempts,
  proxies: TrustedProxies | undefined,
) {
  const clientOf = ({ ip, headers }: FastifyRequest) => proxies?.clientOf(ip, headers) ?? ip

  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const [, token] = /^Bearer +([^\s]+) *$/i.exec(request.headers.authorization ?? '') ?? []
    if (token !== undefined && secretsMatch(token, adminToken)) return failures.forget(clientOf(request))
    reply.header('www-authenticate', 'Bearer realm="nowcast"')
    if (token === undefined)
      throw new Problem('unauthorized', 'Send the admin token as `Authorization: Bearer <token>`')
    const retryAfterSeconds = failures.note(clientOf(request))
    if (retryAfterSeconds !== undefined)
      throw new Problem('too_many_attempts', `Try again in ${retryAfterSeconds} s`, { retryAfterSeconds })
    throw new Problem('unauthorized', 'This is not the admin token of this instance')
  }
}
