import { existsSync } from 'node:fs'
import { cacheDir, inRoot } from './paths.mjs'
import { SetupError } from './say.mjs'

/** Lowest major version of Node that the project supports. */
const neededMajor = 24

/**
 * Returns the path of a Node that can run the project: the one in use, or the one among the npm packages.
 * @throws {SetupError} when there is neither
 */
export function findNode() {
  const major = Number(process.versions.node.split('.', 1)[0])
  if (major >= neededMajor) return process.execPath
  const path = inRoot('node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (existsSync(path)) return path
  throw new SetupError(
    `Node ${neededMajor} is needed, this is ${process.versions.node}, and there is no npm package of it for ` +
      `${process.platform}-${process.arch}: install Node ${neededMajor} or newer from https://nodejs.org`,
  )
}

/**
 * Returns the environment of programs that run on the project's Node. It makes Node keep compiled code
 * between starts, so that they are faster.
 */
export function nodeEnvironment() {
  return { NODE_COMPILE_CACHE: `${cacheDir}/compiled`, ...process.env }
}
