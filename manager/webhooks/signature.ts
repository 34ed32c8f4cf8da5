import { createHmac, randomBytes } from 'node:crypto'

// Standard Webhooks 1.0.0, https://github.com/standard-webhooks/standard-webhooks

const prefix = 'whsec_'
/** Size of a secret. "the secret should be between 24 bytes (192 bits) and 64 bytes (512 bits)" */
const secretBytes = 32

/** Returns a new secret: the prefix and 256 random bits in base64. */
export const newWebhookSecret = (): string => prefix + randomBytes(secretBytes).toString('base64')

/**
 * Returns the headers that identify and sign an attempt. `id` is the same in all attempts, `at` is the time
 * of this attempt in ms since the epoch. With several secrets there are several signatures: the receiver may
 * have either during a rotation.
 */
export function signedHeaders(id: string, at: number, body: string, secrets: readonly string[]) {
  const timestamp = String(Math.floor(at / 1000))
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
}
