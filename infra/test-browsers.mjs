import { nodeEnvironment } from './setup/node.mjs'
import { inRoot } from './setup/paths.mjs'
import { findProgram } from './setup/programs.mjs'
import { runInstead } from './setup/run.mjs'
import { enter, SetupError } from './setup/say.mjs'
import { setUp } from './setup/set-up.mjs'

/**
 * Programs that the tests need, with their packages in Debian.
 * @type {readonly import('./setup/programs.mjs').Program[]}
 */
const needed = [
  { name: 'Firefox ESR', commands: ['firefox-esr'], apt: 'firefox-esr', brew: [] },
  { name: 'WebKitWebDriver', commands: ['WebKitWebDriver'], apt: 'webkit2gtk-driver', brew: [] },
  { name: 'Xvfb', commands: ['Xvfb'], apt: 'xvfb', brew: [] },
]
/** These packages, and those with the decoders of WebKitGTK. */
const packages = [...needed.map(({ apt }) => apt), 'gstreamer1.0-libav', 'gstreamer1.0-plugins-bad']

/**
 * Installs no browser: they come from Debian only.
 * @throws {SetupError} when one is missing; the message has the packages
 */
function requireBrowsers() {
  const missing = needed.filter((program) => findProgram(program) === undefined).map(({ name }) => name)
  if (missing.length === 0) return
  throw new SetupError(
    `please install ${missing.join(', ')}; on Debian: sudo apt-get install ${packages.join(' ')}`,
  )
}

// Entry point of `npm run test:browsers`: the tests of the watch page in Firefox and WebKitGTK. Arguments
// after `--` go to vitest.
await enter(async () => {
  requireBrowsers()
  const node = await setUp()
  const vitest = inRoot('node_modules', 'vitest', 'vitest.mjs')
  const args = [vitest, 'run', '--project', 'other-browsers', ...process.argv.slice(2)]
  return runInstead(node, args, { cwd: inRoot(), env: nodeEnvironment() })
})
