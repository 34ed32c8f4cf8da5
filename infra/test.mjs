import { runChecks } from './setup/checks.mjs'
import { nodeEnvironment } from './setup/node.mjs'
import { setUpObjectStore } from './setup/object-store.mjs'
import { programs, programVariables } from './setup/programs.mjs'
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
    ...programVariables(),
    NOWCAST_SEAWEEDFS: objectStore,
  })
  const words = [`${tested.passed} passed`, `${tested.failed} failed`]
  if (tested.broken > 0) words.push(`${tested.broken} files could not run whole`)
  if (!checked) words.push('the checks failed, see above')
  say(words.join(', '))
  return checked && tested.ok ? 0 : 1
})
