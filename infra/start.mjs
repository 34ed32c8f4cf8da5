import { nodeEnvironment } from './setup/node.mjs'
import { inRoot } from './setup/paths.mjs'
import { programs } from './setup/programs.mjs'
import { runInstead } from './setup/run.mjs'
import { enter } from './setup/say.mjs'
import { setUp } from './setup/set-up.mjs'
import { chooseUser } from './setup/user.mjs'

// Entry point of `npm start`: sets up what is missing, then runs everything on this machine.
await enter(async () => {
  const node = await setUp(process.env.REDIS_URL ? [programs.ffmpeg] : [programs.ffmpeg, programs.redis])
  const user = await chooseUser(node, inRoot())
  return runInstead(node, [inRoot('infra', 'main.ts')], { ...user, cwd: inRoot(), env: nodeEnvironment() })
})
