import { randomBytes } from 'node:crypto'
import { linkSync, rmSync, writeFileSync } from 'node:fs'

/**
 * Creates a file together with its content, with mode 0600. Returns false when it exists. A link appears at
 * once with all of its content, unlike a file that is created and then written: another process may read it
 * immediately. Throws what node:fs throws, `EPERM` or `ENOTSUP` on a file system without links.
 */
export function createExclusively(path: string, content: string): boolean {
  // Processes in different containers may have the same id.
  const draft = `${path}.${randomBytes(8).toString('hex')}.new`
  try {
    writeFileSync(draft, content, { mode: 0o600, flag: 'wx' })
    linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}
