import type { FastifyRequest } from 'fastify'
import { isLoopback, networkOf } from '../../core/connections/client-network.ts'
import type { TrustedProxies } from '../../core/connections/trusted-proxies.ts'
import { BoundedMap } from '../../core/mechanisms/bounded-map.ts'
import { Problem } from './problem.ts'

/** Token bucket of one network: the number of requests that it may still send at once. */
interface Allowance {
  requests: number
  /** When `requests` was counted, in ms of the clock `now`. */
  at: number
}

type MeasuredRequest = Pick<FastifyRequest, 'ip' | 'url'> & Partial<Pick<FastifyRequest, 'headers'>>

/** Maximum burst of a client, in seconds of its rate. A browser requests a page and its files at once. */
const savedSeconds = 5

/**
 * Whether requests to a path have no limit here: those to the API, which limits failed attempts to sign in,
 * and health checks.
 */
const isUnlimited = (url: string) => url.startsWith('/v1/') || url === '/healthz' || url === '/readyz'

/**
 * Returns a hook that refuses clients with more than `perSecond` requests for pages, their files, steering
 * and documents; 0: no limit. Behind a trusted proxy the client's address counts. Clients of this machine
 * have no limit, because they are proxies or the operator. At most `maxNetworks` are remembered; the one that
 * was active longest ago is forgotten first. `now` is a clock in ms.
 */
export function createRequestRate(
  perSecond: number,
  {
    maxNetworks = 10_000,
    now = () => performance.now(),
    proxies,
  }: { maxNetworks?: number; now?: () => number; proxies?: TrustedProxies | undefined } = {},
) {
  const most = perSecond * savedSeconds
  const allowances = new BoundedMap<string, Allowance>(maxNetworks)
  return async ({ ip, url, headers = {} }: MeasuredRequest): Promise<void> => {
    if (perSecond === 0 || isUnlimited(url)) return
    const client = proxies?.clientOf(ip, headers) ?? ip
    if (isLoopback(client)) return
    const network = networkOf(client)
    const at = now()
    const known = allowances.get(network) ?? { requests: most, at }
    const requests = Math.min(most, known.requests + ((at - known.at) / 1000) * perSecond)
    allowances.set(network, { requests: Math.max(0, requests - 1), at })
    if (requests < 1) throw new Problem('too_many_requests', 'Try again in 1 s', { retryAfterSeconds: 1 })
  }
}
