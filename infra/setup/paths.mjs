import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the project. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** A path below the root. @param {string[]} names */
export const inRoot = (...names) => join(root, ...names)

/** What may be thrown away at any time: stamps, compiled code. */
export const cacheDir = inRoot('node_modules', '.cache', 'nowcast')
