import { accessSync, constants, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { NowcastError } from '../core/errors.ts'

/**
 * Makes the data dir when there is none and gives its absolute path.
 * @throws NowcastError `bad_settings` when nothing can be written there.
 */
export function openDataDir(path: string): string {
  const absolute = resolve(path)
  try {
    mkdirSync(absolute, { recursive: true, mode: 0o700 })
    accessSync(absolute, constants.W_OK | constants.X_OK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === 'EEXIST' || code === 'ENOTDIR' ? 'is not a directory' : `is not writable (${code})`
    throw new NowcastError('bad_settings', `data dir ${absolute} ${why}; set NOWCAST_DATA_DIR to one that is`)
  }
  return absolute
}
