import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../http/problem.ts'
import type { Authenticate } from './authentication.ts'
import { watchStreams } from './open-streams.ts'
import { type Permission, permissions } from './permissions.ts'
import { anonymous, type Principal, type Reach, reaches, reachOf, requirePermission } from './principal.ts'
import type { SessionCookies } from './session-cookie.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Permission that the route requires; `open`: none. Every route below `/v1` has one. */
    permission?: Permission | 'open'
    /** Name of the action in the audit log, such as `channel.change`; undefined: it is not recorded. */
    audit?: string
  }
  interface FastifyRequest {
    principal: Principal
    /** Channels on which the principal has the permission of the route. */
    reach: Reach
    /** Address of the client, behind trusted proxies too. */
    client: string
  }
}

/** Returns by whom requests are counted; undefined when the client is not known. */
export const accountedTo = ({ principal }: FastifyRequest): string | undefined =>
  principal.kind === 'anonymous' ? undefined : (principal.token?.id ?? principal.id)

export interface AuthorisationDependencies {
  authenticate: Authenticate
  cookies: Pick<SessionCookies, 'requireOwnPage'>
  clientOf(request: FastifyRequest): string
  /** Returns the id of the channel with a slug. */
  channelIdOf(slug: string): Promise<string | undefined>
  /** Returns the id of the channel of a session. */
  channelIdOfSession(sessionId: string): Promise<string | undefined>
}

/**
 * Adds the check of permissions to the routes that are registered after it: who sends the request, whether it
 * has the permission of the route, and whether on the channel in question. A channel that it may not even
 * see is 404, as one that does not exist.
 * @throws Error while routes are registered, when one names no permission
 */
export function requirePermissions(app: FastifyInstance, dependencies: AuthorisationDependencies): void {
  const { authenticate, cookies, clientOf, channelIdOf, channelIdOfSession } = dependencies
  app.decorateRequest('principal')
  app.decorateRequest('reach')
  app.decorateRequest('client')

  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.permission === undefined) throw new Error(`${method} ${url} has no permission`)
  })

  app.addHook('onRequest', async (request, reply) => {
    const { permission } = request.routeOptions.config
    request.client = clientOf(request)
    request.reach = new Set()
    if (permission === 'open') return admitAnyone(request)
    // Unreachable, because such a route cannot be registered.
    if (permission === undefined) throw new Problem('forbidden', 'No permission is declared')
    await authorise(request, reply, permission)
  })

  // A stream ends at any change of rights; the client comes back with those that it has then.
  watchStreams(app, async (request, reply) => {
    const { permission } = request.routeOptions.config
    if (permission === undefined || permission === 'open') return true
    try {
      const principal = await authenticate(request, reply)
      requirePermission(principal, permission, Date.now())
      return isSameReach(request.reach, reachOf(principal, permission))
    } catch (error) {
      if (error instanceof Problem) return false
      throw error
    }
  })

  function admitAnyone(request: FastifyRequest) {
    request.principal = anonymous
    // A browser must not be signed in to an account that the page of another site chose.
    const isFromBrowser = request.headers['sec-fetch-site'] ?? request.headers.origin
    if (request.method !== 'GET' && isFromBrowser !== undefined) cookies.requireOwnPage(request)
  }

  async function authorise(request: FastifyRequest, reply: FastifyReply, permission: Permission) {
    request.principal = await authenticate(request, reply)
    requirePermission(request.principal, permission, Date.now())
    // Shared caches know from `Authorization` that a response is for one client, but not from a cookie.
    if (request.principal.signIn !== null) reply.header('cache-control', 'private, no-cache')
    request.reach = reachOf(request.principal, permission)
    if (permissions[permission].on !== 'channel' || request.reach === 'all') return
    const { slug, id } = request.params as { slug?: string; id?: string }
    if (slug !== undefined) {
      const channelId = await channelIdOf(slug)
      requireReach(request, channelId, permission, () => notFound('channel', slug))
    } else if (id !== undefined) {
      const channelId = await channelIdOfSession(id)
      requireReach(request, channelId, permission, () => notFound('session', id))
    }
  }
}

const notFound = (what: 'channel' | 'session', name: string) =>
  new Problem(`${what}_not_found`, `No ${what} has the ${what === 'channel' ? 'slug' : 'id'} ${name}`)

function isSameReach(one: Reach, other: Reach): boolean {
  if (one === 'all' || other === 'all') return one === other
  return one.size === other.size && [...one].every((id) => other.has(id))
}

/** @throws Problem: 404 when the principal may not see the channel, otherwise `forbidden` */
function requireReach(
  { principal, reach }: FastifyRequest,
  channelId: string | undefined,
  permission: Permission,
  unknown: () => Problem,
): void {
  if (channelId !== undefined && reaches(reach, channelId)) return
  if (channelId === undefined || !reaches(reachOf(principal, 'channels:read'), channelId)) throw unknown()
  throw new Problem('forbidden', `Your role on this channel does not permit ${permission}`)
}
