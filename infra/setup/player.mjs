import { existsSync } from 'node:fs'
import { inRoot } from './paths.mjs'
import { runQuietly, tailOf } from './run.mjs'
import { SetupError, say } from './say.mjs'
import { createStamp, hashOf } from './stamp.mjs'

/** Builds the pages that the manager serves, unless they were built from the sources as they are. @param {string} node */
export async function setUpPlayer(node) {
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
