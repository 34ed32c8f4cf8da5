import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { messageOf, NowcastError } from '../process/errors.ts'

export interface TlsFiles {
  cert: Buffer
  key: Buffer
}

/**
 * Reads a certificate and its key (PEM) and checks that they belong together. `neededBy` names the setting
 * that requires them.
 * @throws NowcastError `bad_settings`, one line that names the missing or wrong setting
 */
export function readTlsFiles(
  certPath: string | undefined,
  keyPath: string | undefined,
  neededBy: string,
): TlsFiles {
  const read = (variable: string, path: string | undefined) => {
    if (path === undefined) throw new NowcastError('bad_settings', `${neededBy} needs ${variable}`)
    try {
      return readFileSync(path)
    } catch (error) {
      throw new NowcastError('bad_settings', `${variable} cannot be read: ${messageOf(error)}`)
    }
  }
  const files = { cert: read('NOWCAST_TLS_CERT', certPath), key: read('NOWCAST_TLS_KEY', keyPath) }
  try {
    createSecureContext(files)
  } catch (error) {
    throw new NowcastError(
      'bad_settings',
      `NOWCAST_TLS_CERT and NOWCAST_TLS_KEY are not a PEM certificate and its key: ${messageOf(error)}`,
    )
  }
  return files
}
