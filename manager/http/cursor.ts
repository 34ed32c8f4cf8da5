import type { AuditPlace } from '../store/accounts/audit.ts'
import type { SessionPlace } from '../store/sessions.ts'

/**
 * Returns the cursor of the page that starts after the channel `slug`. Channels are listed in the order of
 * their slugs.
 *
 * Cursors are opaque to clients. Their schemas, `ChannelCursor` and `SessionCursor`, admit only texts that
 * the functions of this file can read, and no cursor of another list.
 */
export const channelCursor = (slug: string) => `c.${slug}`

/** Returns the slug after which the page starts. */
export const readChannelCursor = (cursor: string) => cursor.slice(2)

/**
 * Returns the cursor of the page that starts after this session. Two sessions may start in the same ms, so
 * the id is included.
 */
export const sessionCursor = ({ startedAt, id }: SessionPlace) => `s.${startedAt}.${id}`

/** Returns the session after which the page starts. */
export function readSessionCursor(cursor: string): SessionPlace {
  const [, startedAt, id = ''] = cursor.split('.')
  return { startedAt: Number(startedAt), id }
}

/** Returns the cursor of the page of the audit log that starts after this line. */
export const auditCursor = ({ at, id }: AuditPlace) => `u.${at}.${id}`

/** Returns the line after which the page starts. */
export function readAuditCursor(cursor: string): AuditPlace {
  const [, at, id = ''] = cursor.split('.')
  return { at: Number(at), id }
}
