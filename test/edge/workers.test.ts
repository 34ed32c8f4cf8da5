import { Agent } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EdgeLine, startEdgeLine } from '../kit/edge/edge-line.ts'
import { playlistReply } from '../kit/edge/fake-origin.ts'
import { get } from '../kit/http/client.ts'
import { descendantsOf } from '../kit/process-table.ts'
import { waitFor } from '../kit/wait-for.ts'

let line: EdgeLine
beforeAll(async () => {
  line = await startEdgeLine({ NOWCAST_EDGE_WORKERS: '2', NOWCAST_LOG_LEVEL: 'error' })
})
afterAll(() => line.close())

const workerPids = () =>
  descendantsOf(process.pid)
    .filter(({ command }) => command.includes('edge/worker/main.ts'))
    .map(({ pid }) => pid)

/** Whether a process exists. A killed process still exists until its parent has collected its exit status. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Sends each request over a new connection, which is enough for each worker to get some. */
const askMany = (target: string, count = 40) =>
  Promise.all(Array.from({ length: count }, () => get(line.url + target)))

test('workers share the port, and each reports the metrics of all', async () => {
  const { base } = await line.goLive('shared')
  const target = `${base}/720p.m3u8`
  line.origin.on(target, playlistReply('#EXTM3U', 60))
  expect(workerPids()).toHaveLength(2)
  const before = await line.metric('requests_total')
  const responses = await askMany(target)
  expect(responses.every(({ status }) => status === 200)).toBe(true)
  expect(await line.metric('requests_total')).toBe(before + 40)
  expect(line.origin.asked(target), 'each worker requests it once').toBe(2)
  expect(await line.metric('sessions'), 'known to all, counted once').toBe(1)
})

test('a viewer with connections to several workers is one viewer', async () => {
  const { base } = await line.goLive('seen')
  const target = `${base}/720p.m3u8`
  line.origin.on(target, playlistReply('#EXTM3U', 60))
  await askMany(`${target}?CMCD=sid%3D%22one%22`)
  await askMany(`${target}?CMCD=sid%3D%22two%22`)
  await waitFor('the count', async () => (await line.registry.viewers()).get('seen') === 2)
  expect(await line.metric('viewers', 'channel="seen"')).toBe(2)
  await get(`${line.url}${target}?CMCD=ltc%3D1400`)
  expect(await line.metric('player_latency_seconds_sum', 'channel="seen"')).toBe(1.4)
  await waitFor('the player report', async () => {
    const experience = (await line.registry.experience()).get('seen')
    return experience?.measures.latencyMs !== undefined
  })
})

test('a worker that is killed is replaced, and viewers are served meanwhile', async () => {
  const { base } = await line.goLive('kept')
  const target = `${base}/720p.m3u8`
  line.origin.on(target, playlistReply('#EXTM3U', 60))
  await askMany(target)
  const asked = line.origin.asked(target)
  const [victim] = workerPids()
  if (victim === undefined) throw new Error('there is no worker')
  process.kill(victim, 'SIGKILL')
  await waitFor('its end', () => !exists(victim), { everyMs: 5 })
  const agent = new Agent({ keepAlive: true })
  expect((await get(line.url + target, { agent })).status).toBe(200)
  agent.destroy()
  await waitFor('another', () => workerPids().length === 2)
  await waitFor(
    'it to serve',
    async () => {
      await askMany(target, 10)
      return line.origin.asked(target) > asked
    },
    { timeoutMs: 30_000 },
  )
})
