import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { NowcastError } from './errors.ts'
import { createExclusively } from './exclusive-file.ts'

/** Minimum length of a secret, characters. Shorter ones could be guessed from a playback token. */
export const minSecretLength = 32

/**
 * Reads the secret at `path`, or creates one (32 random bytes, base64url, mode 0600). When two processes
 * start at the same time, one creates the file and the other reads it.
 * @throws NowcastError `bad_settings` when the file cannot be read or written, or is too short
 */
export function readOrMakeSecret(path: string): string {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    if (!existsSync(path)) makeSecret(path)
    const secret = readFileSync(path, 'utf8').trim()
    if (secret.length < minSecretLength)
      throw new Error(`it holds less than ${minSecretLength} characters; remove it to have a new one`)
    return secret
  } catch (error) {
    throw new NowcastError('bad_settings', `secret file ${path}: ${(error as Error).message}`)
  }
}

function makeSecret(path: string): void {
  const content = `${randomBytes(32).toString('base64url')}\n`
  try {
    createExclusively(path, content)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EPERM' && code !== 'ENOTSUP') throw error
    // The file system has no hard links, so the file is created without one.
    writeFileSync(path, content, { mode: 0o600 })
  }
}

/** Path of the cluster secret, relative to the data dir. */
export const clusterSecretFile = 'secrets/cluster-secret'
/** Path of the secret of edges, relative to the data dir. It is derived from the cluster secret. */
export const edgeSecretFile = 'secrets/edge-secret'
/** Path of the operator's token, relative to the data dir. */
export const adminTokenFile = 'secrets/admin-token'

/** Path of the link that creates the first account, relative to the data dir. */
export const firstAccountFile = 'secrets/first-account-link'

/** Compares in constant time. It compares digests, because `timingSafeEqual` needs equal lengths. */
export function secretsMatch(given: string, expected: string): boolean {
  const digest = (value: string) => hash('sha256', value, 'buffer')
  return timingSafeEqual(digest(given), digest(expected))
}
