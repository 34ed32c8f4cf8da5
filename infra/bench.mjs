import { nodeEnvironment } from './setup/node.mjs'
import { inRoot } from './setup/paths.mjs'
import { findProgram, programs } from './setup/programs.mjs'
import { runInstead } from './setup/run.mjs'
import { enter } from './setup/say.mjs'
import { setUp } from './setup/set-up.mjs'

// Entry point of `npm run bench`. Arguments after `--` choose a measurement and its options.
await enter(async () => {
  const node = await setUp([programs.ffmpeg, programs.redis, programs.chromium])
  const args = [inRoot('bench', 'main.ts'), ...process.argv.slice(2)]
  const env = { ...nodeEnvironment(), NOWCAST_CHROMIUM: findProgram(programs.chromium) }
  return runInstead(node, args, { cwd: inRoot(), env })
})
