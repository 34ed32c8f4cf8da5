import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Writes an executable shell script to run instead of a program. Returns its path. */
export function writeScript(folder: string, name: string, body: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${body}\n`)
  chmodSync(path, 0o755)
  return path
}
