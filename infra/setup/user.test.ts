import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { writeScript } from '../../test/kit/script.ts'
import { makeTempDir, type TempDir } from '../../test/kit/temp-dir.ts'
import { chooseUser } from './user.mjs'

/** User and group that run the tests. The simulated system calls them `nowcast`. */
const ids = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }

let dir: TempDir
beforeEach(() => {
  dir = makeTempDir()
  const idOfNowcast = `[ "$3" = nowcast ] || exit 1; [ "$1" = -u ] && echo ${ids.uid} || echo ${ids.gid}`
  writeScript(dir.path, 'id', `[ "$1" = -un ] && echo operator || { ${idOfNowcast}; }`)
  vi.stubEnv('PATH', `${dir.path}:${process.env.PATH}`)
  vi.stubEnv('NOWCAST_DATA_DIR', 'data')
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  dir.remove()
})

/** Chooses the user of a process that was started by the user with id `starter`. */
function choose(starter: number, name: string) {
  vi.spyOn(process, 'getuid').mockReturnValue(starter)
  vi.stubEnv('NOWCAST_USER', name)
  return chooseUser(process.execPath, dir.path)
}

test('a start as root runs as NOWCAST_USER, who gets a new data dir', async () => {
  expect(await choose(0, 'nowcast')).toEqual(ids)
  const { uid, gid, mode } = statSync(join(dir.path, 'data'))
  expect({ uid, gid }).toEqual(ids)
  expect(mode & 0o777).toBe(0o700)
})

test('without NOWCAST_USER nowcast runs as the user who starts it', async () => {
  expect(await choose(0, '')).toEqual({})
  expect(await choose(1000, '')).toEqual({})
  expect(await choose(1000, 'operator')).toEqual({})
})

test('a user who does not exist is refused', async () => {
  await expect(choose(0, 'nobody-here')).rejects.toThrow(/`useradd --system nobody-here` creates it/)
})

test('only root can change to another user', async () => {
  await expect(choose(1000, 'nowcast')).rejects.toThrow('NOWCAST_USER is for a start as root')
})
