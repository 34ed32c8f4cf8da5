import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from './paths.mjs'

/**
 * Keeps a file that records what something was built from, so that it is built again only after a change.
 * @param {string} path of the stamp
 * @param {string} value hash of the current sources
 */
export function createStamp(path, value) {
  return {
    isFresh: () => existsSync(path) && readFileSync(path, 'utf8') === value,
    write() {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, value)
    },
  }
}

/**
 * Returns one hash of words, files and whole folders: names and contents, without `dist` and `node_modules`.
 * @param {string[]} paths @param {string[]} words
 */
export function hashOf(paths, ...words) {
  const hash = createHash('sha256').update(words.join('\0'))
  for (const path of paths.flatMap(filesUnder))
    hash.update(`\0${relative(root, path)}\0`).update(readFileSync(path))
  return hash.digest('hex')
}

/** @param {string} path @returns {string[]} */
function filesUnder(path) {
  if (!existsSync(path)) return []
  if (statSync(path).isFile()) return [path]
  const names = readdirSync(path).filter((name) => name !== 'dist' && name !== 'node_modules')
  return names.sort().flatMap((name) => filesUnder(join(path, name)))
}
