import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16
/** Prefix of every sealed key: the version of the format. */
const version = 'v1.'

/** Thrown when a sealed key is malformed, was modified, or belongs to another secret or another channel. */
export class SealBroken extends Error {}

export type KeySeal = ReturnType<typeof createKeySeal>

/**
 * Encrypts stream keys for the store: AES-256-GCM with a key derived from the cluster secret by HKDF-SHA256
 * (RFC 5869). The channel's id is authenticated too, so a sealed key cannot be moved to another channel.
 */
export function createKeySeal(clusterSecret: string) {
  const key = new Uint8Array(hkdfSync('sha256', clusterSecret, '', 'nowcast stream keys', 32))

  return {
    seal(streamKey: string, channelId: string): string {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(channelId))
      const sealed = Buffer.concat([nonce, cipher.update(streamKey), cipher.final(), cipher.getAuthTag()])
      return version + sealed.toString('base64url')
    },

    /**
     * Decrypts a sealed key.
     * @throws SealBroken when the key was sealed with another secret or for another channel, or was modified
     */
    open(sealed: string, channelId: string): string {
      const bytes = Buffer.from(sealed.slice(version.length), 'base64url')
      if (!sealed.startsWith(version) || bytes.length < nonceBytes + tagBytes) throw new SealBroken()
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes))
        .setAAD(Buffer.from(channelId))
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
