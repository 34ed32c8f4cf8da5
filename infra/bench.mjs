import { nodeEnvironment } from './setup/node.mjs'
import { setUpObjectStore } from './setup/object-store.mjs'
import { inRoot } from './setup/paths.mjs'
import { programs, programVariables } from './setup/programs.mjs'
import { runInstead } from './setup/run.mjs'
import { enter } from './setup/say.mjs'
import { setUp } from './setup/set-up.mjs'

/** What every measurement needs, and what the cluster of `chaos` needs in addition. */
const usual = [programs.ffmpeg, programs.redis, programs.chromium]
const ofCluster = [programs.postgres, programs.haproxy, programs.python, programs.pip]

// Entry point of `npm run bench`. Arguments after `--` choose a measurement and its options.
await enter(async () => {
  const args = process.argv.slice(2)
  const isCluster = args[0] === 'chaos'
  const node = await setUp(isCluster ? [...usual, ...ofCluster] : usual)
  const store = isCluster ? { NOWCAST_SEAWEEDFS: await setUpObjectStore() } : {}
  const env = { ...nodeEnvironment(), ...programVariables(), ...store }
  return runInstead(node, [inRoot('bench', 'main.ts'), ...args], { cwd: inRoot(), env })
})
