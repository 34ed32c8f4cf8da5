import type { FastifyReply, FastifyRequest } from 'fastify'
import { BoundedMap } from '../../core/mechanisms/bounded-map.ts'
import { TokenBucket } from '../../core/mechanisms/token-bucket.ts'
import { Problem } from './problem.ts'

/** Returns for whom a request is made; undefined when that is not known. */
export type PrincipalOf = (request: FastifyRequest) => string | undefined

const windowSeconds = 60

/**
 * Returns a hook that permits each principal `perWindow` requests at once, and as many per minute in the long
 * run; 0: no limit. A stream of events is one request. Each response says
 * what is left (draft-ietf-httpapi-ratelimit-headers-11). At most `maxPrincipals` are remembered; the one
 * that was active longest ago is forgotten first. `now` is a clock in ms.
 */
export function createApiRate(
  perWindow: number,
  principalOf: PrincipalOf,
  { maxPrincipals = 10_000, now = () => performance.now() } = {},
) {
  const perSecond = perWindow / windowSeconds
  const policy = `"api";q=${perWindow};w=${windowSeconds}`
  const buckets = new BoundedMap<string, TokenBucket>(maxPrincipals)

  function bucketOf(principal: string): TokenBucket {
    const bucket = buckets.get(principal) ?? new TokenBucket(perSecond, perWindow)
    buckets.set(principal, bucket)
    return bucket
  }

  /** Counts a request. Returns the problem of one that is not permitted. */
  function take(principal: string, reply: Pick<FastifyReply, 'header'>): Problem | undefined {
    const bucket = bucketOf(principal)
    const isPermitted = bucket.take(now())
    const left = Math.floor(bucket.left)
    const fullInSeconds = Math.ceil((perWindow - left) / perSecond)
    reply.header('ratelimit-policy', policy)
    reply.header('ratelimit', `"api";r=${left};t=${fullInSeconds}`)
    if (isPermitted) return undefined
    const retryAfterSeconds = Math.max(1, Math.ceil((1 - bucket.left) / perSecond))
    const detail = `${perWindow} requests per minute are permitted. Try again in ${retryAfterSeconds} s`
    return new Problem('too_many_requests', detail, { retryAfterSeconds })
  }

  return (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    const principal = perWindow === 0 ? undefined : principalOf(request)
    done(principal === undefined ? undefined : take(principal, reply))
  }
}
