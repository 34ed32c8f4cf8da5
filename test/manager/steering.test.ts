import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SteeringManifest } from '../../core/api/steering.ts'
import { createEdgeRoster, type EdgeReport } from '../../core/contracts/edge-roster.ts'
import { createLiveRegistry } from '../../core/contracts/live-registry.ts'
import type { Redis } from '../../core/process/redis.ts'
import { edgeReport } from '../kit/edge/edge-report.ts'
import { liveSession, originOf } from '../kit/manager/live-data.ts'
import { startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { connectToRedis, startRedis, type TestRedis } from '../kit/redis.ts'
import { waitFor } from '../kit/wait-for.ts'

let server: TestRedis
let redis: Redis
let manager: TestManager
const session = liveSession({ slug: 'show' })

beforeAll(async () => {
  server = await startRedis()
  redis = await connectToRedis(server.url, 'wait')
  manager = await startTestManager(server.url)
  await createLiveRegistry(redis).putOrigin(originOf(session))
})
afterAll(async () => {
  redis?.disconnect()
  await manager?.close()
  await server?.stop()
})

/** Requests a manifest as a player does, without the admin token. */
const requestManifest = (slug: string, query: string) =>
  manager.get<SteeringManifest>(`/steering/${slug}?${query}`, { authorization: '' })
const query = `session=${session.sessionId}&from=a&_HLS_pathway=a&_HLS_throughput=5140000`
const report = (...reports: EdgeReport[]) => Promise.all(reports.map(createEdgeRoster(redis).put))

test('a player on any page stays at its edge and receives the URIs at the other', async () => {
  await report(edgeReport('a'), edgeReport('b'))
  await waitFor('the other edge', async () => {
    await report(edgeReport('a'), edgeReport('b'))
    return (await requestManifest('show', query)).body['PATHWAY-CLONES']?.length === 1
  })
  const { status, headers, body: manifest } = await requestManifest('show', query)
  expect(status).toBe(200)
  expect(headers).toMatchObject({
    'access-control-allow-origin': '*',
    'cache-control': 'no-store',
    'content-type': 'application/json; charset=utf-8',
  })
  expect(manifest).toMatchObject({
    VERSION: 1,
    TTL: 5,
    'RELOAD-URI': `show?session=${session.sessionId}&from=a`,
    'PATHWAY-PRIORITY': ['a', 'b'],
  })
  expect(manifest['PATHWAY-CLONES'][0]?.['URI-REPLACEMENT']['PER-VARIANT-URIS']['720p']).toBe(
    `https://b.example/live/show/${session.sessionId}/720p.m3u8`,
  )
})

test('moves the viewers of a draining edge to another', async () => {
  await waitFor('the move', async () => {
    await report(edgeReport('a', {}, 'draining'), edgeReport('b'))
    return (await requestManifest('show', query)).body['PATHWAY-PRIORITY']?.[0] === 'b'
  })
})

test('lists an edge that restarted at the same place only by its new name', async () => {
  const previous = edgeReport('a')
  await report(previous, edgeReport('b'), { ...previous, pathway: 'again', startedAt: 1 })
  const edges = await createEdgeRoster(redis).edges()
  expect(edges.map(({ pathway }) => pathway).toSorted()).toEqual(['again', 'b'])
  await createEdgeRoster(redis).remove('again')
})

test('returns no URIs for a session of another channel', async () => {
  await report(edgeReport('a'), edgeReport('b'))
  const { body } = await requestManifest('other', query)
  expect(body['PATHWAY-CLONES']).toEqual([])
})

test.each([
  'session=s_short',
  `from=${'a'.repeat(65)}`,
  'from=a%22b',
  'token=%3Cscript%3E',
  '_HLS_pathway=a%0Ab',
])('refuses parameters that no edge wrote: %s', async (query) => {
  expect((await requestManifest('show', query)).status).toBe(400)
})
