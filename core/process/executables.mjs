import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Returns the paths at which a PATH has a program, the preferred one first. They may not exist.
 * @param {string} name
 * @param {string} [path] value of the variable PATH
 */
export const pathsOf = (name, path = '') =>
  path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))

/** Whether a file exists and can be run. @param {string} path */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
