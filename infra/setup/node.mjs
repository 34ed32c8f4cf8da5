import { existsSync } from 'node:fs'
import { inRoot } from './paths.mjs'
import { SetupError } from './say.mjs'

/** The code is TypeScript that Node runs as it is; older ones cannot. */
const neededMajor = 24

/** Path of a Node that can run the project: this one, or the one from the npm registry. */
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
