import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
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

/** Code of a thread that locks a data dir at a given time, as an instance would in a process of its own. */
const instanceCode = `
const { parentPort, workerData } = require('node:worker_threads')
import(workerData).then(({ lockDataDir }) => {
  parentPort.on('message', ({ dir, at }) => {
    while (Date.now() < at);
    let outcome = 'locked'
    try { lockDataDir(dir) } catch (error) { outcome = error.message.includes('in use') ? 'in use' : error.message }
    parentPort.postMessage(outcome)
  })
  parentPort.postMessage('ready')
})`

test('one of several instances that find a stale lock at the same time takes it over', async () => {
  const module = new URL('data-dir.ts', import.meta.url).href
  const instances = Array.from(
    { length: 4 },
    () => new Worker(instanceCode, { eval: true, workerData: module }),
  )
  const outcomes = () =>
    Promise.all(instances.map((instance) => new Promise((resolve) => void instance.once('message', resolve))))
  await outcomes()
  for (let round = 0; round < 20; round++) {
    writeFileSync(lockFile(), JSON.stringify({ pid: process.pid, startedAt: `long ago ${round}` }))
    const all = outcomes()
    for (const instance of instances) instance.postMessage({ dir: dir.path, at: Date.now() + 5 })
    expect((await all).sort()).toEqual(['in use', 'in use', 'in use', 'locked'])
  }
  expect(readdirSync(dir.path)).toEqual(['nowcast.lock'])
  await Promise.all(instances.map((instance) => instance.terminate()))
})

test('a take-over that was interrupted does not keep others out', async () => {
  const child = spawn('true')
  await new Promise((resolve) => child.once('exit', resolve))
  const stale = JSON.stringify({ pid: child.pid, startedAt: '1' })
  const right = createHash('sha256').update(stale).digest('hex').slice(0, 16)
  writeFileSync(lockFile(), stale)
  writeFileSync(`${lockFile()}.${right}`, JSON.stringify({ pid: child.pid, startedAt: '2' }))
  lockDataDir(dir.path)
  expect(readdirSync(dir.path)).toEqual(['nowcast.lock'])
})
