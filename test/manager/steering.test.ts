import { afterAll, beforeAll, expect, it } from 'vitest'
import { createEdgeRoster, type EdgeReport } from '../../core/contracts/edge-roster.ts'
import { createLiveRegistry } from '../../core/contracts/live-registry.ts'
import { createLog } from '../../core/process/log.ts'
import { connectRedis, type Redis } from '../../core/process/redis.ts'
import { edgeReport } from '../kit/edge-report.ts'
import { startRedis, type TestRedis } from '../kit/redis.ts'
import { waitFor } from '../kit/wait-for.ts'
import { build, type Fixture } from './fixture.ts'
import { liveSession, originOf } from './live-data.ts'

let server: TestRedis
let redis: Redis
let manager: Fixture
const session = liveSession({ slug: 'show' })

beforeAll(async () => {
  server = await startRedis()
  redis = connectRedis({
    url: server.url,
    log: createLog('test', 'silent'),
    purpose: 'test',
    whenAway: 'wait',
  })
  manager = await build(server.url)
  await createLiveRegistry(redis).putOrigin(originOf(session))
})
afterAll(async () => {
  redis?.disconnect()
  await manager?.close()
  await server?.stop()
})

interface Manifest {
  'PATHWAY-PRIORITY': string[]
  'PATHWAY-CLONES': { ID: string; 'URI-REPLACEMENT': { 'PER-VARIANT-URIS': Record<string, string> } }[]
}

const ask = async (query: string) => {
  const answer = await manager.call('GET', `/steering/show?${query}`, undefined, { authorization: '' })
  return { ...answer, manifest: answer.body as unknown as Manifest }
}
const query = `session=${session.sessionId}&from=a&_HLS_pathway=a&_HLS_throughput=5140000`
const tell = (...reports: EdgeReport[]) => Promise.all(reports.map(createEdgeRoster(redis).put))

it('tells a player, of whatever page, to stay, and where else it could go', async () => {
  await tell(edgeReport('a'), edgeReport('b'))
  await waitFor('the other edge', async () => {
    await tell(edgeReport('a'), edgeReport('b'))
    return (await ask(query)).manifest['PATHWAY-CLONES']?.length === 1
  })
  const { status, headers, manifest } = await ask(query)
  expect(status).toBe(200)
  expect(headers).toMatchObject({
    'access-control-allow-origin': '*',
    'cache-control': 'no-store',
    'content-type': 'application/json; charset=utf-8',
  })
  expect(manifest).toMatchObject({
    VERSION: 1,
    TTL: 5,
    'RELOAD-URI': `/steering/show?session=${session.sessionId}&from=a`,
    'PATHWAY-PRIORITY': ['a', 'b'],
  })
  expect(manifest['PATHWAY-CLONES'][0]?.['URI-REPLACEMENT']['PER-VARIANT-URIS']['720p']).toBe(
    `https://b.example/live/show/${session.sessionId}/720p.m3u8`,
  )
})

it('sends the viewers of an edge that drains elsewhere', async () => {
  await waitFor('the move', async () => {
    await tell(edgeReport('a', {}, 'draining'), edgeReport('b'))
    return (await ask(query)).manifest['PATHWAY-PRIORITY']?.[0] === 'b'
  })
})

it('knows an edge that came back at its place by its new name alone', async () => {
  const former = edgeReport('a')
  await tell(former, edgeReport('b'), { ...former, pathway: 'again', startedAt: 1 })
  const edges = await createEdgeRoster(redis).edges()
  expect(edges.map(({ pathway }) => pathway).toSorted()).toEqual(['again', 'b'])
  await createEdgeRoster(redis).remove('again')
})

it('makes no URIs for a session of another channel', async () => {
  await tell(edgeReport('a'), edgeReport('b'))
  const { body } = await manager.call('GET', `/steering/other?${query}`, undefined, { authorization: '' })
  expect((body as unknown as Manifest)['PATHWAY-CLONES']).toEqual([])
})

it.each([
  'session=s_short',
  `from=${'a'.repeat(65)}`,
  'from=a%22b',
  'token=%3Cscript%3E',
  '_HLS_pathway=a%0Ab',
])('refuses what no edge wrote: %s', async (query) => {
  expect((await ask(query)).status).toBe(400)
})
