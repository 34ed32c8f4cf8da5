import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Returns the path of a program in each directory of a PATH, in search order. The files may not exist.
 * @param {string} name
 * @param {string} [path] value of the variable PATH
 */
export const pathsOf = (name, path = '') =>
  path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))

/** Whether `path` is a file, not a directory, that this user may execute. @param {string} path */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
