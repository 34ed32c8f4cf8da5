import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startProcess } from '../kit/processes.ts'
import { root } from '../kit/root.ts'
import { writeScript } from '../kit/script.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'

let dir: TempDir
beforeEach(() => {
  dir = makeTempDir()
  mkdirSync(join(dir.path, 'bin'))
  for (const command of ['env', 'sh', 'touch', 'chmod', 'true'])
    symlinkSync(`/usr/bin/${command}`, join(dir.path, 'bin', command))
  command('ffmpeg', 'true')
})
afterEach(() => dir.remove())

/** Adds a command to the PATH of the simulated machine. */
const command = (name: string, script: string) =>
  writeScript(join(dir.path, 'bin'), name, `cd ${dir.path}\n${script}`)

/** Path of the service policy of the simulated machine. */
const policy = () => join(dir.path, 'policy-rc.d')

/**
 * Script of a working package manager: it records each call in the file `asked`, and creates a redis-server
 * when it is called to install.
 */
const installs =
  'echo "$0 $*" >> asked; case "$*" in *install*) touch bin/redis-server; chmod +x bin/redis-server;; esac'

/**
 * Sets up ffmpeg and redis-server on a simulated machine, which has only the commands of the test. Returns
 * the lines printed and the calls of the package manager. User 0 is root.
 */
async function setUp({ user = 0 } = {}) {
  const script = `
    process.getuid = () => ${user}
    const { setUpPrograms } = await import(${JSON.stringify(join(root, 'infra/setup/install.mjs'))})
    const { programs } = await import(${JSON.stringify(join(root, 'infra/setup/programs.mjs'))})
    const { enter } = await import(${JSON.stringify(join(root, 'infra/setup/say.mjs'))})
    await enter(async () => { await setUpPrograms([programs.ffmpeg, programs.redis], ${JSON.stringify(policy())}); return 0 })`
  const run = startProcess(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH: join(dir.path, 'bin') },
  })
  const { code } = await run.exited
  const asked = join(dir.path, 'asked')
  return {
    code,
    said: run.lines,
    asked: existsSync(asked)
      ? readFileSync(asked, 'utf8').replaceAll(`${dir.path}/bin/`, '').trim().split('\n')
      : [],
  }
}

const aptInstall = 'apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 redis-server'

test('nothing is installed when nothing is missing', async () => {
  command('redis-server', 'true')
  command('apt-get', installs)
  expect(await setUp()).toEqual({ code: 0, said: [], asked: [] })
})

test('apt-get installs what is missing, and a line says so', async () => {
  command('apt-get', installs)
  expect(await setUp()).toEqual({
    code: 0,
    said: ['nowcast: installing redis-server (apt-get install redis-server)'],
    asked: [aptInstall],
  })
})

test('no service of a package is started while it is installed, nor later', async () => {
  command('apt-get', `'${policy()}' redis-server start; echo "policy $?" >> asked; ${installs}`)
  command('systemctl', 'echo "$0 $*" >> asked')
  expect((await setUp()).asked).toEqual(['policy 101', aptInstall, 'systemctl disable redis-server'])
  expect(existsSync(policy())).toBe(false)
})

test('the package lists are updated when the install fails', async () => {
  command(
    'apt-get',
    `case "$*" in update*) touch lists;; esac; [ -e lists ] || [ "$1" = update ] || exit 100; ${installs}`,
  )
  expect(await setUp()).toEqual({
    code: 0,
    said: [
      'nowcast: installing redis-server (apt-get install redis-server)',
      'nowcast: updating the package lists (apt-get update)',
    ],
    asked: ['apt-get update -qq -o DPkg::Lock::Timeout=300', aptInstall],
  })
})

test('a line says what to do when apt-get fails', async () => {
  command('apt-get', 'echo "E: no network"; exit 100')
  const { code, said } = await setUp()
  expect(code).toBe(1)
  expect(said.at(-2)).toBe('nowcast: E: no network')
  expect(said.at(-1)).toBe(
    'nowcast: please install redis-server: sudo apt-get install redis-server (apt-get failed, see above)',
  )
})

test('sudo is used where it needs no password', async () => {
  command('apt-get', installs)
  command('sudo', 'shift; exec "$@"')
  expect(await setUp({ user: 1000 })).toMatchObject({ code: 0, asked: [aptInstall] })
})

test('a line says what to install when sudo needs a password', async () => {
  command('apt-get', installs)
  command('sudo', 'exit 1')
  expect(await setUp({ user: 1000 })).toEqual({
    code: 1,
    said: [
      'nowcast: please install redis-server: sudo apt-get install redis-server (this user may not do it without a password)',
    ],
    asked: [],
  })
})

test('brew installs where there is no apt-get', async () => {
  command('brew', installs)
  expect(await setUp()).toEqual({
    code: 0,
    said: ['nowcast: installing redis-server (brew install redis)'],
    asked: ['brew install redis'],
  })
})

test('a line says what to install where there is no known package manager', async () => {
  expect(await setUp()).toEqual({
    code: 1,
    said: ['nowcast: please install redis-server: there is neither apt-get nor brew to do it with'],
    asked: [],
  })
})

test('a line names the packages of Debian when the tests in other browsers have none', async () => {
  const run = startProcess(process.execPath, [join(root, 'infra/test-browsers.mjs')], {
    env: { PATH: join(dir.path, 'bin') },
  })
  expect(await run.exited).toMatchObject({ code: 1 })
  expect(run.lines).toEqual([
    'nowcast: please install Firefox ESR, WebKitWebDriver, Xvfb; on Debian: sudo apt-get install firefox-esr webkit2gtk-driver xvfb gstreamer1.0-libav gstreamer1.0-plugins-bad',
  ])
})
