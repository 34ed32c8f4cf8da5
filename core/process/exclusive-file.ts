import { randomBytes } from 'node:crypto'
import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/**
 * Creates a file with mode 0600 and the given content. Returns false when the file exists already. The
 * content is written to a draft, which is then hard-linked to `path`, so no other process can read an
 * incomplete file. Throws the errors of node:fs: `EPERM` or `ENOTSUP` on a file system without hard links.
 */
export function createExclusively(path: string, content: string): boolean {
  const draft = draftOf(path)
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

/** Replaces a file, or creates it, at once with all of its content and with mode 0600. */
export function replaceFile(path: string, content: string): void {
  const draft = draftOf(path)
  try {
    writeFileSync(draft, content, { mode: 0o600, flag: 'wx' })
    renameSync(draft, path)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Returns a name for a new file. Processes in different containers may have the same id. */
const draftOf = (path: string) => `${path}.${randomBytes(8).toString('hex')}.new`
