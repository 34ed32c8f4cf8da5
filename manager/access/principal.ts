import type { ChannelRole, Role, Scope } from '../../core/api/roles.ts'
import { Problem } from '../http/problem.ts'
import {
  confirmedForMs,
  isOnAllChannels,
  type Permission,
  type PermissionRule,
  permissions,
} from './permissions.ts'

/** Who sends a request, and what limits apply. */
export interface Principal {
  /** `token`: an API token. */
  kind: 'admin-token' | 'account' | 'token' | 'anonymous'
  /** `admin-token`, `anonymous`, or the id of the account; of the token if it belongs to the operator. */
  id: string
  /** Name for the audit log. */
  name: string
  /** Null for the admin token and the operator's API tokens. */
  accountId: string | null
  role: Role
  /** Roles on single channels, in addition to `role`. */
  grants: readonly { channelId: string; role: ChannelRole }[]
  /** Limits of an API token; null for others. `channels`: ids of the only ones, or null. */
  token: { id: string; scopes: readonly Scope[]; channels: readonly string[] | null } | null
  /** Sign-in of an account; null for others. `confirmedAt`: when the password was last entered. */
  signIn: { id: string; confirmedAt: number } | null
}

/** Channels on which a principal has a permission: all, or those with these ids. */
export type Reach = 'all' | ReadonlySet<string>

const noAccount = { accountId: null, grants: [], token: null, signIn: null } as const

/** The operator. It has every permission, for scripts and emergencies. */
export const adminPrincipal: Principal = {
  ...noAccount,
  kind: 'admin-token',
  id: 'admin-token',
  name: 'admin token',
  role: 'owner',
}

/** A client of an open route. */
export const anonymous: Principal = {
  ...noAccount,
  kind: 'anonymous',
  id: 'anonymous',
  name: 'anonymous',
  role: 'viewer',
}

/** Returns the channels on which the principal has a permission by its roles; the limits of a token apply. */
export function reachOf(principal: Principal, permission: Permission): Reach {
  const rule: PermissionRule = permissions[permission]
  const only = principal.token?.channels ?? null
  if (rule.roles.includes(principal.role) && isOnAllChannels(principal.role))
    return only === null ? 'all' : new Set(only)
  const granted = principal.grants.filter(({ role }) => rule.roles.includes(role))
  const ids = granted.map(({ channelId }) => channelId)
  return new Set(only === null ? ids : ids.filter((id) => only.includes(id)))
}

/** Whether a channel is within reach. */
export const reaches = (reach: Reach, channelId: string): boolean => reach === 'all' || reach.has(channelId)

/**
 * Checks everything about a permission except the channel: kind of the principal, role, scope, and whether
 * the password was entered lately.
 * @throws Problem `forbidden`, `sign_in_again`
 */
export function requirePermission(principal: Principal, permission: Permission, now: number): void {
  const rule: PermissionRule = permissions[permission]
  requireScope(principal, rule)
  if (rule.on === 'account' && principal.kind !== 'account')
    throw new Problem('forbidden', 'This call is for people who have signed in')
  if (rule.on === 'instance') requireInstanceRole(principal, rule)
  const confirmedAt = rule.isSensitive ? principal.signIn?.confirmedAt : undefined
  if (confirmedAt !== undefined && confirmedAt + confirmedForMs < now)
    throw new Problem('sign_in_again', 'Enter your password again to do this')
}

function requireInstanceRole({ role, token }: Principal, rule: PermissionRule): void {
  if (!rule.roles.includes(role)) throw new Problem('forbidden', `The role ${role} does not permit this`)
  if (token !== null && token.channels !== null)
    throw new Problem('forbidden', 'The token is limited to channels')
}

function requireScope({ token }: Principal, { scope }: PermissionRule): void {
  if (token === null || scope === 'any') return
  if (scope === null) throw new Problem('forbidden', 'No API token permits this')
  if (!token.scopes.includes(scope)) throw new Problem('forbidden', `The token lacks the scope ${scope}`)
}
