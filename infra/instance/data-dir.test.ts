import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTempDir, type TempDir } from '../../test/kit/temp-dir.ts'
import { lockDataDir } from './data-dir.ts'

let dir: TempDir
beforeEach(() => {
  dir = makeTempDir()
})
afterEach(() => dir.remove())

const lockFile = () => join(dir.path, 'nowcast.lock')

test('a lock keeps a second instance out of a data dir until the first one unlocks it', () => {
  const unlock = lockDataDir(dir.path)
  expect(() => lockDataDir(dir.path)).toThrow(
    /in use by the instance with process id \d+; stop it, or set NOWCAST_DATA_DIR/,
  )
  unlock()
  expect(existsSync(lockFile())).toBe(false)
  lockDataDir(dir.path)()
})

test('the lock of a process that no longer exists is taken over', async () => {
  const child = spawn('true')
  await new Promise((resolve) => child.once('exit', resolve))
  writeFileSync(lockFile(), JSON.stringify({ pid: child.pid, startedAt: '1' }))
  lockDataDir(dir.path)
  expect(JSON.parse(readFileSync(lockFile(), 'utf8'))).toMatchObject({ pid: process.pid })
  expect(readdirSync(dir.path)).toEqual(['nowcast.lock'])
})

test('the lock is taken over when its process id now belongs to another program', () => {
  writeFileSync(lockFile(), JSON.stringify({ pid: process.pid, startedAt: 'long ago' }))
  lockDataDir(dir.path)()
})

test.each(['', '{', 'null', '42'])('a lock file that contains %j is taken over', (content) => {
  writeFileSync(lockFile(), content)
  lockDataDir(dir.path)()
})
