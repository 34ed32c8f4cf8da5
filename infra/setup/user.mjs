import { chownSync, existsSync, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { inRoot, root } from './paths.mjs'
import { runQuietly } from './run.mjs'
import { SetupError, say } from './say.mjs'

/**
 * Returns the user and group as which nowcast runs, for `spawn`: those of NOWCAST_USER when this is root,
 * otherwise the present ones. A data dir that does not exist is created for that user.
 * @param {string} node path of Node
 * @param {string} base folder from which a relative data dir counts
 * @returns {Promise<{ uid?: number, gid?: number }>}
 * @throws {SetupError} when there is no such user, or it cannot read nowcast
 */
export async function chooseUser(node, base) {
  const name = process.env.NOWCAST_USER?.trim() ?? ''
  if (process.getuid?.() !== 0) {
    if (name !== '' && (await runQuietly('id', ['-un'])).output.trim() !== name)
      throw new SetupError('NOWCAST_USER is for a start as root: unset it, or start as root')
    return {}
  }
  if (name === '') {
    say('this is root; set NOWCAST_USER to the name of a user without rights, which nowcast then runs as')
    return {}
  }
  const [user, group] = await Promise.all(['-u', '-g'].map((flag) => runQuietly('id', [flag, '--', name])))
  if (!user?.ok || !group?.ok)
    throw new SetupError(`NOWCAST_USER: there is no user ${name}; \`useradd --system ${name}\` creates it`)
  const ids = { uid: Number(user.output), gid: Number(group.output) }
  for (const [test, path] of [
    ['-r', inRoot('package.json')],
    ['-x', node],
  ])
    if (!(await runQuietly('test', [`${test}`, `${path}`], ids)).ok)
      throw new SetupError(`NOWCAST_USER: the user ${name} cannot read ${path}; move ${root} to where it can`)
  const dataDir = resolve(base, process.env.NOWCAST_DATA_DIR?.trim() || 'data')
  if (!existsSync(dataDir)) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    chownSync(dataDir, ids.uid, ids.gid)
  }
  return ids
}
