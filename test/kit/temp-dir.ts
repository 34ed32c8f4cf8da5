import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TempDir {
  path: string
  remove(): void
}

/**
 * Creates an empty directory for one test. Its name is short because the paths of unix sockets must be short.
 */
export function makeTempDir(): TempDir {
  const path = mkdtempSync(join(tmpdir(), 'nc-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) }
}
