import { findProgram, programs } from './programs.mjs'
import { runQuietly, tailOf } from './run.mjs'
import { SetupError, say } from './say.mjs'

/** @typedef {import('./programs.mjs').Program} Program */

/** Program that packages of Debian ask whether they may start their services. */
const servicePolicy = '/usr/sbin/policy-rc.d'
/**
 * Shell script that runs a command while no package may start a service: the redis-server of Debian would
 * listen without a password. A policy that exists is the choice of the operator or of a container.
 */
const withoutServices = `
policy=$1; shift
if [ ! -e "$policy" ]; then
  trap '/bin/rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\\nexit 101\\n' >"$policy" && /bin/chmod 755 "$policy"
fi
"$@"`

/**
 * Installs missing programs with apt-get or brew, without asking for anything.
 * Their services are not started, neither now nor at boot.
 * @param {readonly Program[]} needed
 * @param {string} [policy] path of the service policy of the system
 * @throws {SetupError} when that fails; the message says what to install by hand
 */
export async function setUpPrograms(needed, policy = servicePolicy) {
  const missing = needed.filter((program) => findProgram(program) === undefined)
  if (missing.length === 0) return
  if (hasCommand('apt-get')) await installWithApt(missing, policy)
  else if (hasCommand('brew')) await installWithBrew(missing)
  else
    throw new SetupError(
      `please install ${namesOf(missing)}: there is neither apt-get nor brew to do it with`,
    )
  const still = missing.filter((program) => findProgram(program) === undefined)
  if (still.length > 0)
    throw new SetupError(`please install ${namesOf(still)}: it is not on the PATH after its install`)
}

/** @param {readonly Program[]} missing @param {string} policy */
async function installWithApt(missing, policy) {
  const packages = missing.map((program) => program.apt)
  const byHand = `sudo apt-get install ${packages.join(' ')}`
  const prefix = await rootPrefix()
  if (prefix === undefined)
    throw new SetupError(
      `please install ${namesOf(missing)}: ${byHand} (this user may not do it without a password)`,
    )

  /** @param {string[]} command */
  const asRoot = (...command) => {
    const [program = 'env', ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', ...command]
    return runQuietly(program, rest)
  }
  /** @param {string[]} args */
  const apt = (...args) => asRoot('sh', '-c', withoutServices, 'sh', policy, 'apt-get', ...args)
  const install = () =>
    apt('install', '-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...packages)

  async function disableServices() {
    const services = missing.flatMap(({ service }) => service ?? [])
    if (services.length > 0 && hasCommand('systemctl')) await asRoot('systemctl', 'disable', ...services)
  }

  say(`installing ${namesOf(missing)} (apt-get install ${packages.join(' ')})`)
  if ((await install()).ok) return disableServices()
  // A new machine has no package lists, and old lists may name versions that no longer exist.
  say('updating the package lists (apt-get update)')
  await apt('update', '-qq', '-o', 'DPkg::Lock::Timeout=300')
  const { ok, output } = await install()
  if (ok) return disableServices()
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
