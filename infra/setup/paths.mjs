import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Absolute path of the project's root folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Returns a path below the root. @param {string[]} names */
export const inRoot = (...names) => join(root, ...names)

/** Folder of files that may be deleted at any time: compiled code, incremental builds. */
export const cacheDir = inRoot('node_modules', '.cache', 'nowcast')
