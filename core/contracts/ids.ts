import { createHash, randomBytes } from 'node:crypto'

/** Returns an unguessable, URL-safe id: a prefix and 128 random bits. */
function newId(prefix: string): string {
  return `${prefix}${randomBytes(16).toString('base64url')}`
}

export const newChannelId = () => newId('c_')
/** Returns a new session id, which is also the unguessable part of the session's media URLs. */
export const newSessionId = () => newId('s_')
/** Returns a new id for one process of a role. A restarted process has another id. */
export const newInstanceId = () => newId('i_')
/** Returns a new id for an event in the log. */
export const newEventId = () => newId('evt_')
export const newWebhookId = () => newId('wh_')
export const newDeliveryId = () => newId('dlv_')
export const newStreamKey = () => newId('sk_')
export const newAccountId = () => newId('a_')
export const newSignInId = () => newId('si_')
export const newApiTokenId = () => newId('at_')
export const newLinkId = () => newId('l_')
export const newAuditId = () => newId('au_')

/**
 * Returns the SHA-256 of a stream key in hexadecimal. Redis holds this instead of the key. A salt or a slow
 * hash is not needed for keys of 128 random bits.
 */
export function hashStreamKey(streamKey: string): string {
  return createHash('sha256').update(streamKey).digest('hex')
}
