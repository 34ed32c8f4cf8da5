import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16
/** Prefix of every sealed text: the version of the format. */
const version = 'v1.'

/** Thrown when a sealed text is malformed, was modified, or belongs to another secret or another owner. */
export class SealBroken extends Error {}

export type KeySeal = ReturnType<typeof createKeySeal>

/**
 * Encrypts stream keys, or other texts with a `purpose` of their own, for the store: AES-256-GCM with a key
 * derived from the cluster secret by HKDF-SHA256 (RFC 5869). The owner, such as the id of the channel, is
 * authenticated too, so a sealed text cannot be moved to another owner.
 */
export function createKeySeal(clusterSecret: string, purpose = 'nowcast stream keys') {
  const key = new Uint8Array(hkdfSync('sha256', clusterSecret, '', purpose, 32))

  return {
    seal(text: string, owner: string): string {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(owner))
      const sealed = Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()])
      return version + sealed.toString('base64url')
    },

    /**
     * Decrypts a sealed text.
     * @throws SealBroken when it was sealed with another secret or for another owner, or was modified
     */
    open(sealed: string, owner: string): string {
      const bytes = Buffer.from(sealed.slice(version.length), 'base64url')
      if (!sealed.startsWith(version) || bytes.length < nonceBytes + tagBytes) throw new SealBroken()
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes))
        .setAAD(Buffer.from(owner))
        .setAuthTag(bytes.subarray(-tagBytes))
      try {
        const opened = decipher.update(bytes.subarray(nonceBytes, -tagBytes))
        return Buffer.concat([opened, decipher.final()]).toString()
      } catch (error) {
        throw new SealBroken('sealed with another secret, or modified', { cause: error })
      }
    },
  }
}
