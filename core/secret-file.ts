import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { NowcastError } from './errors.ts'

/**
 * The secret kept at `path`, made (32 random bytes, base64url) when there is none. The file has mode 0600.
 * Two processes that start at once agree: the file is created exclusively and the loser reads the winner's.
 * @throws NowcastError `bad_settings` when the file cannot be read or written, or is empty.
 */
export function readOrMakeSecret(path: string): string {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    try {
      writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const secret = readFileSync(path, 'utf8').trim()
    if (secret.length < 16) throw new Error('it holds less than 16 characters')
    return secret
  } catch (error) {
    throw new NowcastError('bad_settings', `secret file ${path}: ${(error as Error).message}`)
  }
}

/** Where the cluster secret of a data dir lies. */
export const clusterSecretFile = 'secrets/cluster-secret'
/** Where the operator's token of a data dir lies. */
export const adminTokenFile = 'secrets/admin-token'
