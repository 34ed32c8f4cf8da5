import { existsSync } from 'node:fs'
import { setUpPrograms } from './install.mjs'
import { findNode } from './node.mjs'
import { setUpPackages } from './packages.mjs'
import { inRoot } from './paths.mjs'
import { programs } from './programs.mjs'
import { runQuietly, tailOf } from './run.mjs'
import { SetupError, say } from './say.mjs'
import { createStamp, hashOf } from './stamp.mjs'

/**
 * Installs and builds what is missing or out of date. Returns the path of the Node that runs the project.
 * @param {readonly import('./programs.mjs').Program[]} needed programs of the system
 * @param {{player: boolean}} options `player`: whether the pages of the manager are needed
 */
export async function setUp(needed = [programs.ffmpeg, programs.redis], { player } = { player: true }) {
  await setUpPackages()
  const node = findNode()
  await setUpPrograms(needed)
  if (player) await setUpPlayer(node)
  return node
}

/**
 * Builds the pages that the manager serves, unless their sources are unchanged since the last build.
 * @param {string} node path of Node
 * @throws {SetupError} when the build fails
 */
async function setUpPlayer(node) {
  const config = inRoot('player', 'vite.config.ts')
  if (!existsSync(config)) return
  const sources = [inRoot('player'), inRoot('package-lock.json')]
  const stamp = createStamp(inRoot('player', 'dist', '.built-from'), hashOf(sources))
  if (stamp.isFresh()) return
  say('building the player')
  const vite = inRoot('node_modules', 'vite', 'bin', 'vite.js')
  const { ok, output } = await runQuietly(node, [vite, 'build', inRoot('player'), '--config', config], {
    cwd: inRoot(),
  })
  if (!ok) {
    say(tailOf(output))
    throw new SetupError('the player could not be built: see above')
  }
  stamp.write()
}
