import { findProgram, programs } from './programs.mjs'
import { runQuietly, tailOf } from './run.mjs'
import { SetupError, say } from './say.mjs'

/** @typedef {import('./programs.mjs').Program} Program */

/**
 * Installs missing programs with apt-get or brew, without asking for anything.
 * @param {readonly Program[]} needed
 * @throws {SetupError} when that fails; the message says what to install by hand
 */
export async function setUpPrograms(needed) {
  const missing = needed.filter((program) => findProgram(program) === undefined)
  if (missing.length === 0) return
  if (hasCommand('apt-get')) await installWithApt(missing)
  else if (hasCommand('brew')) await installWithBrew(missing)
  else
    throw new SetupError(
      `please install ${namesOf(missing)}: there is neither apt-get nor brew to do it with`,
    )
  const still = missing.filter((program) => findProgram(program) === undefined)
  if (still.length > 0)
    throw new SetupError(`please install ${namesOf(still)}: it is not on the PATH after its install`)
}

/** @param {readonly Program[]} missing */
async function installWithApt(missing) {
  const packages = missing.map((program) => program.apt)
  const byHand = `sudo apt-get install ${packages.join(' ')}`
  const prefix = await rootPrefix()
  if (prefix === undefined)
    throw new SetupError(
      `please install ${namesOf(missing)}: ${byHand} (this user may not do it without a password)`,
    )

  /** @param {string[]} args */
  const apt = (...args) => {
    const [command, ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args]
    return runQuietly(command ?? 'env', rest)
  }
  const install = () =>
    apt('install', '-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...packages)

  say(`installing ${namesOf(missing)} (apt-get install ${packages.join(' ')})`)
  if ((await install()).ok) return
  // A new machine has no package lists, and old lists may name versions that no longer exist.
  say('updating the package lists (apt-get update)')
  await apt('update', '-qq', '-o', 'DPkg::Lock::Timeout=300')
  const { ok, output } = await install()
  if (ok) return
  say(tailOf(output, 5))
  throw new SetupError(`please install ${namesOf(missing)}: ${byHand} (apt-get failed, see above)`)
}

/**
 * Returns the prefix of a command that runs it as root; undefined when that needs a password, or there is no
 * sudo.
 * @returns {Promise<string[] | undefined>}
 */
async function rootPrefix() {
  if (process.getuid?.() === 0) return []
  if (!hasCommand('sudo')) return undefined
  return (await runQuietly('sudo', ['-n', 'true'])).ok ? ['sudo', '-n'] : undefined
}

/** @param {readonly Program[]} missing */
async function installWithBrew(missing) {
  for (const program of missing) {
    const args = ['install', ...program.brew]
    say(`installing ${program.name} (brew ${args.join(' ')})`)
    const { ok, output } = await runQuietly('brew', args, {
      env: { ...process.env, NONINTERACTIVE: '1', HOMEBREW_NO_ENV_HINTS: '1' },
    })
    if (ok) continue
    say(tailOf(output, 5))
    throw new SetupError(`please install ${program.name}: brew ${args.join(' ')} (brew failed, see above)`)
  }
}

/** @param {string} command */
const hasCommand = (command) => findProgram({ ...programs.ffmpeg, commands: [command] }) !== undefined

/** @param {readonly Program[]} several */
const namesOf = (several) => several.map((program) => program.name).join(' and ')
