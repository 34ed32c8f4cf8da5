import { createHmac, randomBytes } from 'node:crypto'

/** Time for which one code is valid, ms, and its digits: what all authenticator apps expect. */
const stepMs = 30_000
const digits = 6
const secretBytes = 20
/** Number of codes before and after the present one that are accepted, because clocks differ. */
const skew = 1

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Returns a new secret of 160 random bits in base 32 (RFC 4648 6). */
export function newTotpSecret(): string {
  let text = ''
  let rest = 0n
  for (const byte of randomBytes(secretBytes)) rest = (rest << 8n) | BigInt(byte)
  for (let index = 0; index < (secretBytes * 8) / 5; index += 1) {
    text = `${alphabet[Number(rest & 31n)]}${text}`
    rest >>= 5n
  }
  return text
}

/** Returns the URI that authenticator apps read from a QR code or a link. */
export function totpUri(secret: string, email: string): string {
  const query = new URLSearchParams({ secret, issuer: 'nowcast' })
  return `otpauth://totp/nowcast:${encodeURIComponent(email)}?${query}`
}

/**
 * Returns the step of a code (RFC 6238) if it is valid at a time, ms since the epoch; otherwise undefined. A
 * code is accepted once: only steps after `usedStep` count.
 */
export function stepOfCode(secret: string, code: string, now: number, usedStep: number): number | undefined {
  const current = Math.floor(now / stepMs)
  const steps = Array.from({ length: 2 * skew + 1 }, (_, index) => current - skew + index)
  return steps.find((step) => step > usedStep && codeAt(secret, step) === code)
}

/** Returns the code of a step (RFC 4226 5.3). */
export function codeAt(secret: string, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', bytesOf(secret)).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 15
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits).padStart(digits, '0')
}

/** Decodes base 32. */
function bytesOf(secret: string): Buffer {
  const bytes: number[] = []
  let bits = 0
  let length = 0
  for (const character of secret) {
    bits = (bits << 5) | alphabet.indexOf(character)
    length += 5
    if (length < 8) continue
    length -= 8
    bytes.push((bits >> length) & 255)
    bits &= (1 << length) - 1
  }
  return Buffer.from(bytes)
}

/** Returns ten new recovery codes, each `xxxxx-xxxxx` with 50 random bits. */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: 10 }, () => {
    const text = newTotpSecret().slice(0, 10).toLowerCase()
    return `${text.slice(0, 5)}-${text.slice(5)}`
  })
