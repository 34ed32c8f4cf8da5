import { runChecks } from './setup/checks.mjs'
import { nodeEnvironment } from './setup/node.mjs'
import { setUpObjectStore } from './setup/object-store.mjs'
import { findProgram, programs } from './setup/programs.mjs'
import { enter, say } from './setup/say.mjs'
import { setUp } from './setup/set-up.mjs'
import { runSuites } from './setup/suites.mjs'

// Entry point of `npm test`: sets up what is missing, then runs the checks and all tests. Arguments after
// `--` choose test files.
await enter(async () => {
  const node = await setUp(Object.values(programs))
  const objectStore = await setUpObjectStore()
  const checked = await runChecks(node)
  const tested = await runSuites(node, process.argv.slice(2), {
    ...nodeEnvironment(),
    NOWCAST_CHROMIUM: findProgram(programs.chromium),
    NOWCAST_POSTGRES: findProgram(programs.postgres),
    NOWCAST_NGINX: findProgram(programs.nginx),
    NOWCAST_HAPROXY: findProgram(programs.haproxy),
    NOWCAST_CADDY: findProgram(programs.caddy),
    NOWCAST_SEAWEEDFS: objectStore,
  })
  const words = [`${tested.passed} passed`, `${tested.failed} failed`]
  if (tested.broken > 0) words.push(`${tested.broken} files could not run whole`)
  if (!checked) words.push('the checks failed, see above')
  say(words.join(', '))
  return checked && tested.ok ? 0 : 1
})
