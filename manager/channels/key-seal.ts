import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16
/** Begins every sealed key, so that another way of sealing can be told apart. */
const version = 'v1.'

/** Thrown when a sealed key does not open: another secret sealed it, or it was changed. */
export class SealBroken extends Error {}

export type KeySeal = ReturnType<typeof createKeySeal>

/**
 * Seals stream keys for the store: AES-256-GCM under a key that HKDF-SHA256 (RFC 5869) draws from the cluster secret.
 * The channel's id is authenticated too, so that a sealed key moved to another channel does not open.
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

    /** @throws SealBroken */
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
        throw new SealBroken('another secret sealed it, or it was changed', { cause: error })
      }
    },
  }
}
