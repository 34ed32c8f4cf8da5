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

/**
 * Hash of a stream key, which is all that is stored outside the manager. A plain SHA-256 is enough for keys
 * of 128 random bits.
 */
export function hashStreamKey(streamKey: string): string {
  return createHash('sha256').update(streamKey).digest('hex')
}
