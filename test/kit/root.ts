import { join } from 'node:path'

/** Absolute path of the repository. */
export const root = join(import.meta.dirname, '..', '..')

/** Returns the absolute path of the entry file of a role. */
export const mainOf = (role: 'ingest' | 'transcoder' | 'edge' | 'manager'): string =>
  join(root, role, 'main.ts')
