import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEdgeRoster } from '../../core/contracts/edge-roster.ts'
import type { Redis } from '../../core/process/redis.ts'
import { clusterSecret, type EdgeLine, startEdgeLine } from '../kit/edge/edge-line.ts'
import { type EdgeProcess, startEdgeProcess } from '../kit/edge/edge-process.ts'
import { playlistReply } from '../kit/edge/fake-origin.ts'
import { get } from '../kit/http/client.ts'
import { connectToRedis } from '../kit/redis.ts'
import { waitFor } from '../kit/wait-for.ts'

const playlist = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,STABLE-VARIANT-ID="720p"\ns/720p.m3u8\n'

const manager = { url: 'https://manager.example', scheme: 'http', host: '127.0.0.1', port: 8080 } as const

let line: EdgeLine
let client: Redis
let sessionId: string
/** Timer that writes the records of manager and transcoder again before they lapse. */
let heartbeat: NodeJS.Timeout | undefined

beforeAll(async () => {
  line = await startEdgeLine()
  client = await connectToRedis(line.redis.url, 'wait')
  line.origin.on('/live/show/index.m3u8', playlistReply(playlist, 0))
  const { origin } = await line.goLive('show')
  sessionId = origin.sessionId
  const write = () =>
    Promise.all([line.registry.putOrigin(origin), createEdgeRoster(client).putSteering(manager)])
  await write()
  heartbeat = setInterval(() => void write(), 1000)
})
afterAll(async () => {
  clearInterval(heartbeat)
  await another?.stop('SIGKILL')
  client?.disconnect()
  await line?.close()
})

const multivariantAt = async (url: string) => (await get(`${url}/live/show/index.m3u8`)).body.toString()
/** Waits until the playlist of an edge has content steering, and returns it. */
async function steeredAt(url: string): Promise<string> {
  let text = ''
  await waitFor('the playlist to be steered', async () => {
    text = await multivariantAt(url)
    return text.includes('#EXT-X-CONTENT-STEERING:')
  })
  return text
}
const readyAt = async (url: string) => {
  const { status, body } = await get(`${url}/readyz`)
  return [status, body.toString()]
}

let another: EdgeProcess

test('an edge alone does not steer; with another one each names itself and the steering server', async () => {
  expect(await multivariantAt(line.url)).toBe(playlist)
  another = await startEdgeProcess({
    redisUrl: line.redis.url,
    clusterSecret,
    env: { NOWCAST_EDGE_WORKERS: '2' },
  })
  const pathways = await Promise.all(
    [line.url, another.url].map(async (url) => {
      const text = await steeredAt(url)
      const [, serverUri, pathway] =
        /^#EXT-X-CONTENT-STEERING:SERVER-URI="([^"]+)",PATHWAY-ID="([^"]+)"$/m.exec(text) ?? []
      expect(serverUri).toBe(`https://manager.example/steering/show?session=${sessionId}&from=${pathway}`)
      expect(text).toContain(
        `#EXT-X-STREAM-INF:PATHWAY-ID="${pathway}",BANDWIDTH=1,STABLE-VARIANT-ID="720p"\n`,
      )
      return pathway
    }),
  )
  expect(new Set(pathways).size).toBe(2)
  const known = await createEdgeRoster(client).edges()
  expect(known.map(({ pathway }) => pathway).toSorted()).toEqual(pathways.toSorted())
})

test('an edge that is stopped reports it, serves while it has viewers, and ends', async () => {
  const target = `/live/show/${sessionId}/720p.m3u8`
  line.origin.on(target, playlistReply('#EXTM3U\n', 0))
  await waitFor('the viewer to be reported', async () => {
    expect((await get(another.url + target)).status).toBe(200)
    return (await createEdgeRoster(client).edges()).some(({ load }) => load.viewers === 1)
  })
  another.kill('SIGTERM')
  await waitFor('it to drain', async () => String(await readyAt(another.url)) === '503,draining\n')
  expect((await get(another.url + target)).status).toBe(200)
  // A second signal ends the wait for viewers to leave.
  another.kill('SIGTERM')
  expect(await another.exited).toEqual({ code: 0, signal: null })
})
