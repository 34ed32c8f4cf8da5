import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { NowcastError } from '../core/process/errors.ts'

/**
 * Makes the data dir when there is none and gives its absolute path.
 * @throws NowcastError `bad_settings` when nothing can be written there.
 */
export function openDataDir(path: string): string {
  const absolute = resolve(path)
  try {
    makeDirectory(absolute)
    accessSync(absolute, constants.W_OK | constants.X_OK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === 'EEXIST' || code === 'ENOTDIR' ? 'is not a directory' : `is not writable (${code})`
    throw new NowcastError('bad_settings', `data dir ${absolute} ${why}; set NOWCAST_DATA_DIR to one that is`)
  }
  return absolute
}

/** Makes a directory and those above it. Node's own `recursive` runs for ever where the system forbids it with ENOENT, as /proc does. */
function makeDirectory(path: string): void {
  if (isDirectory(path)) return
  if (dirname(path) !== path) makeDirectory(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}

const isDirectory = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
