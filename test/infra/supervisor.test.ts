import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { roleProcessOf } from '../../core/process/role-process.mjs'
import { descendantsOf, isAlive } from '../kit/process-table.ts'
import type { Exit, TestProcess } from '../kit/processes.ts'
import { startPublisher } from '../kit/publisher.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'
import { startWhole, type Whole } from '../kit/whole.ts'

let dir: TempDir
let whole: Whole | undefined
let publisher: TestProcess | undefined
beforeEach(() => {
  dir = makeTempDir()
})
afterEach(async () => {
  await publisher?.stop('SIGKILL')
  await whole?.stop()
  publisher = undefined
  whole = undefined
  dir.remove()
})

const dataDir = () => join(dir.path, 'data')
const start = async () => {
  whole = await startWhole({ dataDir: dataDir() })
  await whole.supervisor.line(/nowcast is ready/)
  return whole
}

/** Returns the value that the banner shows for a name such as `stream key`; undefined when it has none. */
const shown = ({ supervisor }: Whole, name: string) =>
  supervisor.lines
    .find((line) => line.startsWith(`  ${name} `))
    ?.slice(`  ${name}`.length)
    .trim()

/** Returns the content of the file that the banner shows in place of a secret. */
const secretIn = (instance: Whole, name: string) => readFileSync(shown(instance, name) ?? '', 'utf8').trim()

/**
 * Starts to publish and waits until the channel can be played. The file with the stream key of the channel
 * `demo` is in the banner; any other channel is created.
 */
async function goLive(instance: Whole, slug = 'demo') {
  const streamKey =
    slug === 'demo'
      ? secretIn(instance, 'stream key')
      : (await instance.api('POST', '/v1/channels', { slug })).streamKey
  publisher = startPublisher({ url: `${instance.rtmpUrl}/${streamKey}`, size: '640x360' })
  await instance.untilLive(slug)
}

/** Returns what the supervisor logged about a role since its event loop stood still. */
function linesAfterHang({ supervisor }: Whole, role: string) {
  const lines = supervisor.lines.filter((line) => line.includes(`"child":"${role}"`))
  const hang = lines.findIndex((line) => line.includes('its event loop stood still for 5 s'))
  return hang < 0 ? [] : lines.slice(hang)
}

/** Makes a role run an endless loop, through its inspector. */
async function blockLoop({ supervisor }: Whole, pid: number) {
  process.kill(pid, 'SIGUSR1')
  const line = await supervisor.line(/Debugger listening on ws:/)
  const socket = new WebSocket(/ws:[^"\s]+/.exec(line)?.[0] ?? '')
  await new Promise((resolve) => socket.addEventListener('open', resolve))
  socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression: 'for (;;);' } }))
}

const survivors = (pids: readonly number[]) => pids.filter(isAlive)

describe('start', () => {
  test('the banner shows what is needed to publish and watch, the same at the second start', async () => {
    const first = await start()
    const banner = ['OBS server', 'watch page', 'console'].map((name) => shown(first, name))
    const streamKey = secretIn(first, 'stream key')
    expect(banner[0]).toBe(first.rtmpUrl)
    expect(banner[1]).toBe(`${first.managerUrl}/watch/demo`)
    expect((await fetch(banner[1] ?? '')).status).toBe(200)
    expect((await fetch(banner[2] ?? '')).status).toBe(200)
    expect(streamKey).toMatch(/^sk_[\w-]{22}$/)
    expect(statSync(shown(first, 'stream key') ?? '').mode & 0o777).toBe(0o600)
    expect(shown(first, 'admin token')).toBe('as set in NOWCAST_ADMIN_TOKEN')
    expect(secretIn(first, 'owner link')).toMatch(`${first.managerUrl}/console/join#`)
    await first.stop()

    const second = await start()
    expect(secretIn(second, 'stream key')).toBe(streamKey)
  })

  test('the demo channel is not created again after the operator removed it', async () => {
    const first = await start()
    await first.api('DELETE', '/v1/channels/demo')
    await first.stop()
    const second = await start()
    expect(shown(second, 'stream key')).toBeUndefined()
    expect(shown(second, 'console')).toBeDefined()
  })

  test('two instances run side by side', async () => {
    const [one, two] = [await start(), await startWhole()]
    try {
      await one.api('POST', '/v1/channels', { slug: 'only-here' })
      await expect(two.api('GET', '/v1/channels/only-here')).rejects.toThrow('404')
    } finally {
      await two.stop()
    }
  })
})

describe('stop', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends everything within 5 s while a channel is live',
    async (signal) => {
      const instance = await start()
      await goLive(instance)
      const pids = descendantsOf(instance.supervisor.pid).map(({ pid }) => pid)
      expect(instance.ffmpegPids()).toHaveLength(1)

      const askedAt = performance.now()
      const exit = await instance.supervisor.stop(signal, 10_000)
      expect(exit.code).toBe(0)
      expect(performance.now() - askedAt).toBeLessThan(5000)
      expect(survivors(pids)).toEqual([])
      expect(existsSync(join(dataDir(), 'nowcast.lock'))).toBe(false)
    },
  )

  test('a second Ctrl-C ends everything at once', async () => {
    const instance = await start()
    const pids = descendantsOf(instance.supervisor.pid).map(({ pid }) => pid)
    const [edge] = instance.rolePids('edge')
    // A suspended edge cannot end in order, so it has to be killed.
    process.kill(edge ?? 0, 'SIGSTOP')
    let exit: Exit | undefined
    void instance.supervisor.exited.then((value) => {
      exit = value
    })
    // Signals within 0.5 s count as one, so the signal is repeated.
    await waitFor('the supervisor to end', () => exit ?? instance.supervisor.kill('SIGINT'), {
      everyMs: 100,
    })
    expect(exit).toEqual({ code: 130, signal: null })
    await waitFor('all processes to end', () => survivors(pids).length === 0, { timeoutMs: 1000 })
  })
})

describe('crash', () => {
  // All of these tests share one instance. Each uses a channel of its own, because the edge serves an ended
  // session for a while.
  let instance: Whole
  beforeAll(async () => {
    instance = await startWhole({ env: { NODE_OPTIONS: '--inspect-port=0' } })
    await instance.supervisor.line(/nowcast is ready/)
  })
  afterAll(() => instance.stop())

  test.each(['ingest', 'transcoder', 'edge', 'manager'] as const)('%s is started again', async (role) => {
    const [pid] = instance.rolePids(role)
    process.kill(pid ?? 0, 'SIGKILL')
    await instance.supervisor.line(new RegExp(`"child":"${role}".*is back`))
    expect(instance.rolePids(role)).not.toEqual([pid])
    await goLive(instance, `after-${role}`)
  })

  test('a role whose event loop stands still is started again, whether suspended or busy', async () => {
    const hung = ['manager', 'edge'] as const
    const back = hung.map((role) =>
      waitFor(
        `${role} to be back`,
        () => linesAfterHang(instance, role).some((line) => line.includes('is back')),
        {
          timeoutMs: 40_000,
        },
      ),
    )
    const [manager, edge] = hung.map((role) => instance.rolePids(role)[0] ?? 0)
    process.kill(manager ?? 0, 'SIGSTOP')
    await blockLoop(instance, edge ?? 0)
    await Promise.all(back)
    expect([manager, edge].filter((pid) => isAlive(pid ?? 0))).toEqual([])
    await instance.untilReady()
    await goLive(instance, 'after-hang')
  })

  test.each(['ingest', 'transcoder', 'edge'] as const)('%s runs with its V8 flags', (role) => {
    const table = descendantsOf(instance.supervisor.pid)
    const command = table.find(({ pid }) => pid === instance.rolePids(role)[0])?.command
    for (const flag of roleProcessOf(role).arguments) expect(command).toContain(` ${flag} `)
  })

  test('each process has only the secrets that it needs', () => {
    const environmentOf = (pid = 0) => readFileSync(`/proc/${pid}/environ`, 'utf8')
    for (const role of ['ingest', 'transcoder', 'edge'])
      expect(environmentOf(instance.rolePids(role)[0])).not.toContain(instance.adminToken)
    for (const { pid, command } of descendantsOf(instance.supervisor.pid)) {
      expect(environmentOf(pid)).not.toMatch(/NOWCAST_(CLUSTER|EDGE)_SECRET/)
      expect(command).not.toContain(instance.adminToken)
      if (!command.includes('/main.ts')) expect(environmentOf(pid), command).not.toMatch(/NOWCAST_|REDIS_URL/)
    }
  })

  test('no ffmpeg outlives its transcoder', async () => {
    await goLive(instance, 'encoded')
    const [ffmpeg] = instance.ffmpegPids()
    process.kill(instance.rolePids('transcoder')[0] ?? 0, 'SIGKILL')
    await waitFor('the ffmpeg to end', () => !isAlive(ffmpeg ?? 0), { timeoutMs: 2000 })
  })

  test('Redis is started again with its data', async () => {
    const redis = descendantsOf(instance.supervisor.pid).find(({ command }) =>
      command.startsWith('redis-server'),
    )
    process.kill(redis?.pid ?? 0, 'SIGKILL')
    await instance.supervisor.line(/"child":"redis".*is back/)
    await instance.untilReady()
    await goLive(instance)
  })
})

test('nothing outlives a supervisor that was killed', async () => {
  const instance = await start()
  await goLive(instance)
  const processes = descendantsOf(instance.supervisor.pid)
  instance.supervisor.kill('SIGKILL')
  const left = () => processes.filter(({ pid }) => isAlive(pid)).map(({ command }) => command)
  await waitFor('all processes to end', () => left().length === 0, { timeoutMs: 3000 }).catch(() => {})
  expect(left()).toEqual([])
  // The lock is stale and the ports are free, so the next start works.
  const next = await start()
  expect(shown(next, 'stream key')).toBeDefined()
})
