import { createHash, randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** Type of an API token: `pat` belongs to an account, `svc` to the operator. */
export type ApiTokenType = 'pat' | 'svc'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const secretLength = 22
const checksumLength = 6

const formExpression = /^(nc_(?:pat|svc)_[0-9A-Za-z]{22})_([0-9A-Za-z]{6})$/

/**
 * Returns a new API token, `nc_<type>_<22 characters>_<checksum>`, with 131 random bits. Scanners for leaked
 * secrets can recognise it by its prefix and confirm it by its checksum.
 */
export function newApiToken(type: ApiTokenType): string {
  const secret = Array.from({ length: secretLength }, () => alphabet[randomInt(alphabet.length)]).join('')
  const front = `nc_${type}_${secret}`
  return `${front}_${checksumOf(front)}`
}

/** Whether a text is an API token by its form and its checksum, so that the store is only asked for those. */
export function isApiToken(text: string): boolean {
  const [, front, checksum] = formExpression.exec(text) ?? []
  return front !== undefined && checksum === checksumOf(front)
}

/** Returns the SHA-256 of a secret of at least 128 random bits, lower-case hex, as it is stored. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** Returns the CRC-32 of everything before it, in base 62. */
function checksumOf(front: string): string {
  let rest = crc32(front)
  let text = ''
  for (let digit = 0; digit < checksumLength; digit += 1) {
    text = `${alphabet[rest % alphabet.length]}${text}`
    rest = Math.floor(rest / alphabet.length)
  }
  return text
}
