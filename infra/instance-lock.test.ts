import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeTempDir, type TempDir } from '../test/kit/temp-dir.ts'
import { lockDataDir } from './instance-lock.ts'

let dir: TempDir
beforeEach(() => {
  dir = makeTempDir()
})
afterEach(() => dir.remove())

const lockFile = () => join(dir.path, 'nowcast.lock')

it('keeps a second instance out of a data dir until the first leaves it', () => {
  const unlock = lockDataDir(dir.path)
  expect(() => lockDataDir(dir.path)).toThrow(
    /in use by the instance with process id \d+; stop it, or set NOWCAST_DATA_DIR/,
  )
  unlock()
  expect(existsSync(lockFile())).toBe(false)
  lockDataDir(dir.path)()
})

it('takes over the lock of a process that is no more', async () => {
  const child = spawn('true')
  await new Promise((resolve) => child.once('exit', resolve))
  writeFileSync(lockFile(), JSON.stringify({ pid: child.pid, startedAt: '1' }))
  lockDataDir(dir.path)
  expect(JSON.parse(readFileSync(lockFile(), 'utf8'))).toMatchObject({ pid: process.pid })
  expect(readdirSync(dir.path)).toEqual(['nowcast.lock'])
})

it('takes over when the process id was given to another program since', () => {
  writeFileSync(lockFile(), JSON.stringify({ pid: process.pid, startedAt: 'long ago' }))
  lockDataDir(dir.path)()
})

it.each(['', '{', 'null', '42'])('takes over a lock file that holds %j', (content) => {
  writeFileSync(lockFile(), content)
  lockDataDir(dir.path)()
})
