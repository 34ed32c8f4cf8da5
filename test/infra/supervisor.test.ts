import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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

/** The value of a line of the banner. */
const shown = ({ supervisor }: Whole, name: string) =>
  supervisor.lines
    .find((line) => line.startsWith(`  ${name} `))
    ?.slice(`  ${name}`.length)
    .trim()

/** Puts channel demo on the air, ffmpeg of the transcoder and all. */
async function goLive(instance: Whole) {
  const key = shown(instance, 'stream key')
  publisher = startPublisher({ url: `${instance.rtmpUrl}/${key}`, size: '640x360' })
  await instance.untilLive('demo')
}

const survivors = (pids: readonly number[]) => pids.filter(isAlive)

describe('start', () => {
  it('shows a newcomer all there is to publish and watch, the same at the second start', async () => {
    const first = await start()
    const banner = ['OBS server', 'stream key', 'watch page', 'console'].map((name) => shown(first, name))
    expect(banner[0]).toBe(first.rtmpUrl)
    expect(banner[1]).toMatch(/^sk_[\w-]{22}$/)
    expect(banner[2]).toBe(`${first.managerUrl}/watch/demo`)
    expect((await fetch(banner[2] ?? '')).status).toBe(200)
    expect((await fetch(banner[3] ?? '')).status).toBe(200)
    expect(shown(first, 'admin token')).toBe(first.adminToken)
    await first.stop()

    const second = await start()
    expect(shown(second, 'stream key')).toBe(banner[1])
  })

  it('does not make the demo channel again when the operator removed it', async () => {
    const first = await start()
    await first.api('DELETE', '/v1/channels/demo')
    await first.stop()
    const second = await start()
    expect(shown(second, 'stream key')).toBeUndefined()
    expect(shown(second, 'console')).toBeDefined()
  })

  it('lets two instances run side by side', async () => {
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
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends everything within 5 s, in the middle of a show',
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

  it('a second Ctrl-C does not wait for anybody', async () => {
    const instance = await start()
    const pids = descendantsOf(instance.supervisor.pid).map(({ pid }) => pid)
    const [edge] = instance.rolePids('edge')
    // A stopped process cannot end in order.
    process.kill(edge ?? 0, 'SIGSTOP')
    let exit: Exit | undefined
    void instance.supervisor.exited.then((value) => {
      exit = value
    })
    // Those of the first half second count as one.
    await waitFor('the supervisor to be gone', () => exit ?? instance.supervisor.kill('SIGINT'), {
      everyMs: 100,
    })
    expect(exit).toEqual({ code: 130, signal: null })
    await waitFor('all to be gone', () => survivors(pids).length === 0, { timeoutMs: 1000 })
  })
})

describe('a crash stays in its room', () => {
  it.each(['ingest', 'transcoder', 'edge', 'manager'])('%s is started again', async (role) => {
    const instance = await start()
    const [pid] = instance.rolePids(role)
    process.kill(pid ?? 0, 'SIGKILL')
    await instance.supervisor.line(new RegExp(`"child":"${role}".*is back`))
    expect(instance.rolePids(role)).not.toEqual([pid])
    await goLive(instance)
  })

  it('no ffmpeg outlives its transcoder', async () => {
    const instance = await start()
    await goLive(instance)
    const [ffmpeg] = instance.ffmpegPids()
    process.kill(instance.rolePids('transcoder')[0] ?? 0, 'SIGKILL')
    await waitFor('the ffmpeg to be gone', () => !isAlive(ffmpeg ?? 0), { timeoutMs: 2000 })
  })

  it('Redis is started again with its data', async () => {
    const instance = await start()
    const redis = descendantsOf(instance.supervisor.pid).find(({ command }) =>
      command.startsWith('redis-server'),
    )
    process.kill(redis?.pid ?? 0, 'SIGKILL')
    await instance.supervisor.line(/"child":"redis".*is back/)
    await waitFor('the manager', async () => (await fetch(`${instance.managerUrl}/readyz`)).ok)
    await goLive(instance)
  })

  it('nothing outlives a supervisor that was killed', async () => {
    const instance = await start()
    await goLive(instance)
    const processes = descendantsOf(instance.supervisor.pid)
    instance.supervisor.kill('SIGKILL')
    const left = () => processes.filter(({ pid }) => isAlive(pid)).map(({ command }) => command)
    await waitFor('all to be gone', () => left().length === 0, { timeoutMs: 3000 }).catch(() => {})
    expect(left()).toEqual([])
    // Its lock is stale and its ports are free: the next start works.
    const next = await start()
    expect(shown(next, 'stream key')).toBeDefined()
  })
})
