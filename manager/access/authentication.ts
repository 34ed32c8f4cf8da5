import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../http/problem.ts'
import type { Account, AccountStore } from '../store/accounts/accounts.ts'
import type { ApiToken, ApiTokenStore } from '../store/accounts/api-tokens.ts'
import type { SignInStore } from '../store/accounts/sign-ins.ts'
import { hashSecret, isApiToken } from './api-token-form.ts'
import { adminPrincipal, type Principal } from './principal.ts'
import type { SessionCookies } from './session-cookie.ts'

/** Time without use after which a sign-in ends, and its maximum age, ms. */
export const idleMs = 7 * 24 * 3_600_000
export const maxAgeMs = 30 * 24 * 3_600_000
/** Minimum time between two notes of the last use in the store, ms. */
const noteEveryMs = 60_000

type AdminAuth = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

export interface AuthenticationDependencies {
  /** Admits requests with the admin token, and slows down those that guess. */
  requireAdmin: AdminAuth
  cookies: Pick<SessionCookies, 'secretOf' | 'requireOwnPage'>
  accounts: Pick<AccountStore, 'grantsOf'>
  signIns: Pick<SignInStore, 'bySecret' | 'noteUse'>
  apiTokens: Pick<ApiTokenStore, 'bySecret' | 'noteUse'>
}

export type Authenticate = ReturnType<typeof createAuthentication>

/**
 * Returns a function that finds out who sends a request: the operator with the admin token, an API token, or
 * the cookie of a sign-in. A token in `Authorization` excludes the cookie. Every request reads the store, so
 * a change of rights, the end of a sign-in and a revoked token take effect at once at all managers.
 * @throws Problem `unauthorized`, `too_many_attempts`, `cross_site`
 */
export function createAuthentication(dependencies: AuthenticationDependencies) {
  const { requireAdmin, cookies, accounts, signIns, apiTokens } = dependencies

  async function byToken(secret: string, client: string): Promise<Principal | undefined> {
    const found = await apiTokens.bySecret(hashSecret(secret))
    if (found === undefined) return undefined
    const { token, account } = found
    const now = Date.now()
    requireValid(token, account, now)
    if ((token.usedAt ?? 0) + noteEveryMs < now)
      await apiTokens.noteUse(token.id, now, coarseNetworkOf(client))
    const limits = { id: token.id, scopes: token.scopes, channels: token.channels }
    if (account === null)
      return { ...adminPrincipal, kind: 'token', id: token.id, name: token.name, token: limits }
    return { ...(await principalOf(account)), kind: 'token', token: limits }
  }

  async function byCookie(secret: string, client: string): Promise<Principal | undefined> {
    const found = await signIns.bySecret(hashSecret(secret))
    const now = Date.now()
    if (found === undefined || found.account.disabled) return undefined
    const { signIn, account } = found
    if (signIn.seenAt + idleMs < now || signIn.createdAt + maxAgeMs < now) return undefined
    if (signIn.seenAt + noteEveryMs < now) await signIns.noteUse(signIn.id, now, client)
    return { ...(await principalOf(account)), signIn: { id: signIn.id, confirmedAt: signIn.confirmedAt } }
  }

  const principalOf = async ({ id, name, role }: Account): Promise<Principal> => ({
    kind: 'account',
    id,
    name,
    accountId: id,
    role,
    grants: await accounts.grantsOf(id),
    token: null,
    signIn: null,
  })

  return async (request: FastifyRequest, reply: FastifyReply): Promise<Principal> => {
    const { authorization } = request.headers
    const secret = authorization ? undefined : cookies.secretOf(request)
    if (secret !== undefined) {
      const principal = await byCookie(secret, request.client)
      if (principal === undefined) throw new Problem('unauthorized', 'This sign-in has ended')
      if (request.method !== 'GET' && request.method !== 'HEAD') cookies.requireOwnPage(request)
      return principal
    }
    const [, token] = /^Bearer +([^\s]+) *$/i.exec(authorization ?? '') ?? []
    const principal =
      token !== undefined && isApiToken(token) ? await byToken(token, request.client) : undefined
    if (principal !== undefined) return principal
    await requireAdmin(request, reply)
    return adminPrincipal
  }
}

/** @throws Problem `unauthorized`. Its detail is only for the holder of the token. */
function requireValid({ accountId, expiresAt, revokedAt }: ApiToken, account: Account | null, now: number) {
  if (revokedAt !== null) throw new Problem('unauthorized', 'The token was revoked')
  if (expiresAt !== null && expiresAt <= now) throw new Problem('unauthorized', 'The token has expired')
  if (accountId !== null && (account === null || account.disabled))
    throw new Problem('unauthorized', 'The account of the token is disabled')
}

/** Returns the /24 of an IPv4 address, or the /48 of an IPv6 address. */
function coarseNetworkOf(address: string): string {
  const [, ipv4] = /^(?:::ffff:)?(\d+\.\d+\.\d+)\.\d+$/i.exec(address) ?? []
  if (ipv4 !== undefined) return `${ipv4}.0/24`
  return `${address.split('%', 1)[0]?.split('::', 1)[0]?.split(':').slice(0, 3).join(':')}::/48`
}
