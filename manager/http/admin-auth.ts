import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { networkOf } from '../../core/connections/client-network.ts'
import type { TrustedProxies } from '../../core/connections/trusted-proxies.ts'
import { BoundedMap } from '../../core/mechanisms/bounded-map.ts'
import { minSecretLength, secretsMatch } from '../../core/process/secrets.ts'
import { Problem } from './problem.ts'

/** Failed attempts to sign in, counted per IPv4 address or /64 of IPv6 in a window of time. */
export interface FailedAttempts {
  /**
   * Resolves when the next token of a client may be compared: at once, or after too many failures at its
   * turn. Resolves with the seconds to wait when too many others wait.
   */
  turn(address: string): Promise<number | undefined>
  /** Counts a failure. Returns the seconds to wait when the client has had too many, otherwise undefined. */
  note(address: string): number | undefined
  /** Forgets the failures of an address, because it has presented the right token. */
  forget(address: string): void
}

interface NetworkFailures {
  count: number
  /** Time at which the count starts again, in ms of the clock `now`. */
  endsAt: number
  /** Time of the next turn, by the same clock. */
  nextTurnAt: number
}

/**
 * Allows `limit` failures per network in `windowMs`. After that there is one turn per `turnMs`, for which a
 * request waits up to `maxWaitMs`. At most `maxNetworks` are remembered; the one whose last failure is oldest
 * is forgotten first. `now` is a clock in ms.
 */
export function createFailedAttempts({
  limit = 10,
  windowMs = 60_000,
  turnMs = 500,
  maxWaitMs = 3000,
  maxNetworks = 10_000,
  now = () => performance.now(),
} = {}): FailedAttempts {
  const byNetwork = new BoundedMap<string, NetworkFailures>(maxNetworks)
  const recent = (network: string, at: number) => {
    const known = byNetwork.get(network)
    return known !== undefined && known.endsAt > at ? known : undefined
  }
  return {
    async turn(address) {
      const at = now()
      const failures = recent(networkOf(address), at)
      if (failures === undefined || failures.count < limit) return undefined
      const turnAt = Math.max(at, failures.nextTurnAt) + turnMs
      if (turnAt - at > maxWaitMs) return Math.ceil((turnAt - at) / 1000)
      failures.nextTurnAt = turnAt
      await delay(turnAt - at)
      return undefined
    },
    note(address) {
      const network = networkOf(address)
      const at = now()
      const failures = recent(network, at) ?? { count: 0, endsAt: at + windowMs, nextTurnAt: at }
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
 * read. Behind a trusted proxy the client's address counts.
 *
 * A token that cannot be guessed is compared at once: clients that share the operator's address cannot lock
 * the operator out. A shorter one is compared only in the turn of its address, so that guessing gets no
 * faster with many requests at once.
 */
export function createAdminAuth(
  adminToken: string,
  failures: FailedAttempts,
  proxies: TrustedProxies | undefined,
) {
  const isGuessable = adminToken.length < minSecretLength
  const clientOf = ({ ip, headers }: FastifyRequest) => proxies?.clientOf(ip, headers) ?? ip

  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const [, token] = /^Bearer +([^\s]+) *$/i.exec(request.headers.authorization ?? '') ?? []
    const client = clientOf(request)
    const busySeconds = isGuessable && token !== undefined ? await failures.turn(client) : undefined
    if (busySeconds === undefined && token !== undefined && secretsMatch(token, adminToken))
      return failures.forget(client)
    reply.header('www-authenticate', 'Bearer realm="nowcast"')
    if (token === undefined)
      throw new Problem('unauthorized', 'Sign in, or send a token as `Authorization: Bearer <token>`')
    const retryAfterSeconds = busySeconds ?? failures.note(client)
    if (retryAfterSeconds !== undefined)
      throw new Problem('too_many_attempts', `Try again in ${retryAfterSeconds} s`, { retryAfterSeconds })
    throw new Problem('unauthorized', 'This is not a token of this instance')
  }
}
