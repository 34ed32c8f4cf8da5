import { type Role, roles, type Scope } from '../../core/api/roles.ts'

/** What a permission is about. */
export interface PermissionRule {
  /** Roles that have it. */
  roles: readonly Role[]
  /**
   * `channel`: it is held for all channels, or for some. `instance`: only a role of the account counts, not
   * one on a channel. `self`: every principal has it for itself. `account`: as `self`, but only people who
   * have signed in.
   */
  on: 'channel' | 'instance' | 'self' | 'account'
  /** Scope that an API token needs; `any`: none; null: no API token has this permission. */
  scope: Scope | 'any' | null
  /** Whether a person must have entered the password in the last `confirmedForMs`. */
  isSensitive?: boolean
}

/** Time for which a password that was entered permits sensitive calls, ms. */
export const confirmedForMs = 10 * 60_000

const admins = ['owner', 'admin'] as const
const producers = [...admins, 'producer'] as const
const publishers = [...producers, 'streamer'] as const

/**
 * All permissions, and who has them. Each route below `/v1` names the one that it requires; `open` is for
 * every client.
 */
export const permissions = {
  'channels:read': { roles, on: 'channel', scope: 'channels:read' },
  'channels:create': { roles: producers, on: 'instance', scope: 'channels:write' },
  'channels:write': { roles: producers, on: 'channel', scope: 'channels:write' },
  'channels:delete': { roles: producers, on: 'channel', scope: 'channels:write', isSensitive: true },
  'slates:write': { roles: publishers, on: 'channel', scope: 'channels:write' },
  'keys:read': { roles: publishers, on: 'channel', scope: 'keys:read', isSensitive: true },
  'keys:write': { roles: publishers, on: 'channel', scope: 'keys:write', isSensitive: true },
  'playback:sign': { roles: publishers, on: 'channel', scope: 'playback:sign' },
  'sessions:read': { roles, on: 'channel', scope: 'sessions:read' },
  'sessions:stop': { roles: publishers, on: 'channel', scope: 'sessions:stop' },
  'events:read': { roles: producers, on: 'instance', scope: 'events:read' },
  'webhooks:read': { roles: admins, on: 'instance', scope: 'webhooks:read' },
  'webhooks:write': { roles: admins, on: 'instance', scope: 'webhooks:write' },
  'accounts:read': { roles: admins, on: 'instance', scope: 'accounts:read' },
  'accounts:write': { roles: admins, on: 'instance', scope: null },
  'accounts:delete': { roles: admins, on: 'instance', scope: null, isSensitive: true },
  'audit:read': { roles: admins, on: 'instance', scope: 'audit:read' },
  'tokens:read': { roles, on: 'self', scope: null },
  'tokens:create': { roles, on: 'self', scope: null, isSensitive: true },
  'tokens:revoke': { roles, on: 'self', scope: null },
  'me:read': { roles, on: 'self', scope: 'any' },
  'me:write': { roles, on: 'account', scope: null },
  'me:secure': { roles, on: 'account', scope: null, isSensitive: true },
} as const satisfies Record<string, PermissionRule>

export type Permission = keyof typeof permissions

/** Roles that hold for all channels. A streamer has only those channels on which it has a role. */
export const isOnAllChannels = (role: Role): boolean => role !== 'streamer'

const places = {
  channel: 'on the channel',
  instance: 'on the account',
  self: 'for oneself',
  account: 'for oneself, signed in',
} as const

/** Returns a sentence that says who has a permission, for the documentation. */
export function describePermission(permission: Permission): string {
  const { roles, on, scope, isSensitive = false }: PermissionRule = permissions[permission]
  const tokens =
    scope === null ? 'no API token' : scope === 'any' ? 'any API token' : `API tokens with \`${scope}\``
  const lately = isSensitive ? ' The password must have been entered in the last ten minutes.' : ''
  return `For ${roles.join(', ')} (${places[on]}), and ${tokens}.${lately}`
}
