import { mkdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freePorts, occupyPort } from '../kit/ports.ts'
import { startProcess } from '../kit/processes.ts'
import { root } from '../kit/root.ts'
import { writeScript } from '../kit/script.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'
import { startWhole } from '../kit/whole.ts'

let dir: TempDir
let settings: Record<string, string>
beforeEach(async () => {
  dir = makeTempDir()
  const [rtmp, manager, edge] = (await freePorts(3)).map(String)
  settings = {
    NOWCAST_DATA_DIR: join(dir.path, 'data'),
    NOWCAST_RTMP_PORT: rtmp ?? '',
    NOWCAST_MANAGER_PORT: manager ?? '',
    NOWCAST_EDGE_PORT: edge ?? '',
  }
})
afterEach(() => dir.remove())

/** Starts an instance that must fail to start. Returns what it printed for the operator, without logs. */
async function refusalOf(env: Record<string, string>): Promise<string[]> {
  const instance = startProcess(process.execPath, [join(root, 'infra/main.ts')], {
    env: { PATH: process.env.PATH, ...settings, ...env },
  })
  const { code } = await instance.exited
  expect(code).toBe(1)
  return instance.lines.filter((line) => !line.startsWith('{'))
}

test.each(['NOWCAST_RTMP_PORT', 'NOWCAST_MANAGER_PORT', 'NOWCAST_EDGE_PORT'])(
  '%s is taken',
  async (variable) => {
    const { port, release } = await occupyPort()
    expect(await refusalOf({ [variable]: String(port) })).toEqual([
      `nowcast: ${variable}: 127.0.0.1:${port} is taken by another program; set ${variable} to another one`,
    ])
    release()
  },
)

test('the data dir is a file', async () => {
  const path = join(dir.path, 'file')
  writeFileSync(path, '')
  expect(await refusalOf({ NOWCAST_DATA_DIR: path })).toEqual([
    `nowcast: data dir ${path} is not a directory; set NOWCAST_DATA_DIR to one that is`,
  ])
})

test('the data dir cannot be written', async () => {
  // Not even root can write here.
  const [line, ...more] = await refusalOf({ NOWCAST_DATA_DIR: '/proc/nowcast' })
  expect(line).toMatch(
    /^nowcast: data dir \/proc\/nowcast is not writable \(\w+\); set NOWCAST_DATA_DIR to one that is$/,
  )
  expect(more).toEqual([])
})

test.each(['cluster-secret', 'admin-token'])(
  'the data dir has a short %s of an earlier version',
  async (name) => {
    const path = join(dir.path, 'data', 'secrets', name)
    mkdirSync(join(dir.path, 'data', 'secrets'), { recursive: true })
    writeFileSync(path, 'x'.repeat(31))
    expect(await refusalOf({})).toEqual([
      `nowcast: secret file ${path}: it holds less than 32 characters; remove it to have a new one`,
    ])
  },
)

test('the data dir is in use by another instance', async () => {
  const first = await startWhole({ dataDir: join(dir.path, 'data') })
  try {
    expect(await refusalOf({})).toEqual([
      `nowcast: data dir ${join(dir.path, 'data')} is in use by the instance with process id ${first.supervisor.pid}; ` +
        'stop it, or set NOWCAST_DATA_DIR to another directory',
    ])
  } finally {
    await first.stop()
  }
})

test.each([
  ['NOWCAST_RTMP_PORT', '70000', 'must be a whole number from 0 to 65535'],
  ['NOWCAST_LOG_LEVEL', 'loud', 'must be one of trace, debug, info, warn, error'],
  [
    'NOWCAST_CLUSTER_SECRET',
    'x'.repeat(31),
    'must have at least 32 characters, for example those of `openssl rand -hex 32`',
  ],
])('%s=%s is an invalid setting of the supervisor', async (variable, value, why) => {
  expect(await refusalOf({ [variable]: value })).toEqual([`nowcast: ${variable} ${why}`])
})

test.each([
  ['NOWCAST_PART_MS', 'short', 'transcoder'],
  ['NOWCAST_LADDER', '720q', 'transcoder'],
  ['NOWCAST_EDGE_CACHE_MB', '-1', 'edge'],
  ['DATABASE_URL', 'mysql://db', 'manager'],
  ['NOWCAST_RTMPS_PORT', '0', 'ingest'],
])('%s=%s is an invalid setting of a role', async (variable, value, role) => {
  const refusal = await refusalOf({ [variable]: value })
  expect(refusal).toHaveLength(1)
  expect(refusal[0]).toMatch(new RegExp(`^nowcast: ${role}: .*${variable}`))
})

/** Returns a PATH that has only `sh`, `cat`, `redis-server` and the given scripts. */
function pathWith(scripts: Record<string, string>): string {
  const folder = join(dir.path, 'bin')
  mkdirSync(folder)
  for (const command of ['sh', 'cat', 'redis-server'])
    symlinkSync(`/usr/bin/${command}`, join(folder, command))
  for (const [name, script] of Object.entries(scripts)) writeScript(folder, name, script)
  return folder
}

test('ffmpeg is too old', async () => {
  const path = pathWith({ ffmpeg: 'echo "ffmpeg version 3.4.11-0ubuntu0.1 Copyright (c) 2000-2022"' })
  expect(await refusalOf({ PATH: path })).toEqual([
    'nowcast: transcoder: ffmpeg: ffmpeg is version 3.4; 4.4 or newer is needed',
  ])
})

test('ffmpeg is not installed', async () => {
  expect(await refusalOf({ PATH: pathWith({}) })).toEqual([
    'nowcast: transcoder: ffmpeg: ffmpeg was not found; install ffmpeg 4.4 or newer or set NOWCAST_FFMPEG',
  ])
})

test('redis-server is not installed', async () => {
  const path = pathWith({ ffmpeg: 'echo "ffmpeg version 7.1"' })
  unlinkSync(join(path, 'redis-server'))
  const [line, ...more] = await refusalOf({ PATH: path })
  expect(line).toMatch(/^nowcast: redis: redis-server .*not found/)
  expect(more).toEqual([])
})
