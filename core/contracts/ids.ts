import { createHash, randomBytes } from 'node:crypto'

/** A new unguessable id: 128 random bits, URL-safe, with a prefix for its kind. */
function newId(prefix: string): string {
  return `${prefix}${randomBytes(16).toString('base64url')}`
}

/** Id of a channel, `c_…`. */
export const newChannelId = () => newId('c_')
/** Id of a session, `s_…`. It is also the unguessable part of the session's media URLs. */
export const newSessionId = () => newId('s_')
/** Id of one running process of a role. */
export const newInstanceId = () => newId('i_')
/** A stream key, `sk_…`: a secret that lets its holder publish. */
export const newStreamKey = () => newId('sk_')

/** Pattern of a slug: 1 to 63 of a–z, 0–9 and inner dashes. */
export const slugPattern = '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$'

const slugExpression = new RegExp(slugPattern)
const sessionExpression = /^s_[A-Za-z0-9_-]{22}$/

export const isSlug = (value: string) => slugExpression.test(value)
export const isSessionId = (value: string) => sessionExpression.test(value)

/**
 * Hash of a stream key, which is all that is stored outside the manager. A plain SHA-256 is enough for keys
 * of 128 random bits.
 */
export function hashStreamKey(streamKey: string): string {
  return createHash('sha256').update(streamKey).digest('hex')
}
