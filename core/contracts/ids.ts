import { createHash, randomBytes } from 'node:crypto'

/** Returns an unguessable id: 128 random bits, URL-safe, after a prefix for the kind of id. */
function newId(prefix: string): string {
  return `${prefix}${randomBytes(16).toString('base64url')}`
}

export const newChannelId = () => newId('c_')
/** Id of a session, `s_…`. It is also the unguessable part of the session's media URLs. */
export const newSessionId = () => newId('s_')
/** Id of one running process of a role, `i_…`. */
export const newInstanceId = () => newId('i_')
/** A stream key, `sk_…`: a secret that lets its holder publish. */
export const newStreamKey = () => newId('sk_')

/**
 * Hash of a stream key. Only the manager stores the key itself; everything else knows the hash. A plain
 * SHA-256 is enough for keys of 128 random bits.
 */
export function hashStreamKey(streamKey: string): string {
  return createHash('sha256').update(streamKey).digest('hex')
}
