import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { inRoot } from './paths.mjs'
import { runQuietly, tailOf } from './run.mjs'
import { SetupError, say } from './say.mjs'
import { createStamp, hashOf } from './stamp.mjs'

/**
 * Installs the npm packages of the lock file, unless exactly these are installed.
 * @throws {SetupError} when npm fails
 */
export async function setUpPackages() {
  const lock = inRoot('package-lock.json')
  const stamp = createStamp(
    inRoot('node_modules', '.nowcast-packages'),
    hashOf([lock], process.platform, process.arch),
  )
  if (stamp.isFresh()) return
  say('installing npm packages (npm ci)')
  const [command, ...first] = npmCommand()
  // The packages work without their install scripts, so no third-party code runs during an install.
  const flags = ['--include=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund']
  const { ok, output } = await runQuietly(command, [...first, 'ci', ...flags], { cwd: inRoot() })
  if (!ok) {
    say(tailOf(output))
    throw new SetupError('the npm packages could not be installed: see above, then run `npm ci`')
  }
  stamp.write()
}

/**
 * Returns the command of the npm that started this process, otherwise of the one on the PATH.
 * @returns {[string, ...string[]]}
 */
function npmCommand() {
  const path = process.env.npm_execpath
  if (path && basename(path) === 'npm-cli.js' && existsSync(path)) return [process.execPath, path]
  return ['npm']
}
