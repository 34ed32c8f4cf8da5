/**
 * Roles of accounts, most powerful first. `owner`: everything; `admin`: everything except what concerns
 * owners; `producer`: channels, their keys and sessions; `streamer`: its own channels; `moderator` and
 * `viewer`: reading. All but `streamer` apply to every channel.
 */
export const roles = ['owner', 'admin', 'producer', 'streamer', 'moderator', 'viewer'] as const
export type Role = (typeof roles)[number]

/** Roles that an account may have on one channel, in addition to its role. */
export const channelRoles = ['producer', 'streamer', 'moderator', 'viewer'] as const
export type ChannelRole = (typeof channelRoles)[number]

/** What an API token may be allowed to do. It never exceeds the role of its account. */
export const scopes = [
  'channels:read',
  'channels:write',
  'keys:read',
  'keys:write',
  'playback:sign',
  'sessions:read',
  'sessions:stop',
  'events:read',
  'webhooks:read',
  'webhooks:write',
  'accounts:read',
  'audit:read',
] as const
export type Scope = (typeof scopes)[number]
