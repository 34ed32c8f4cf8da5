import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StreamKeyView } from '../../core/api/channel.ts'
import type { ProblemBody } from '../../core/api/problem.ts'
import { hashStreamKey } from '../../core/contracts/ids.ts'
import { createPublishGrants } from '../../core/contracts/publish-grants.ts'
import type { Redis } from '../../core/process/redis.ts'
import { adminToken, clusterSecret, startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { connectToRedis, startRedis, type TestRedis } from '../kit/redis.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'

let server: TestRedis
let redis: Redis
let data: TempDir
let managers: TestManager[]

const start = async (environment = {}) => {
  const manager = await startTestManager(server.url, { NOWCAST_DATA_DIR: data.path, ...environment })
  managers.push(manager)
  return manager
}

beforeEach(async () => {
  managers = []
  data = makeTempDir()
  server = await startRedis()
  redis = await connectToRedis(server.url)
})
afterEach(async () => {
  for (const manager of managers) await manager.close()
  redis.disconnect()
  await server.stop()
  data.remove()
})

test('keeps keys out of the database, Redis and the log', async () => {
  const manager = await start()
  const made = await manager.createChannel('show')
  const { body: next } = await manager.post<StreamKeyView>('/v1/channels/show/stream-key')
  await manager.get('/v1/channels/show/stream-key')
  await manager.post('/v1/channels', { slug: 'show', streamKey: made.streamKey })
  await manager.post('/v1/channels', `{"slug": "${made.streamKey}`)
  await manager.get(`/v1/channels/${made.streamKey}?token=${adminToken}`)
  await manager.get('/v1/channels', { authorization: 'Bearer wrong-but-secret-too' })
  const disk = readdirSync(data.path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('')
  const kept = await everythingIn(redis)
  expect(disk).toContain('show')
  expect(kept).toContain('show')
  expect(manager.logged()).toContain('stream key replaced')
  for (const secret of [made.streamKey, next.streamKey])
    for (const place of [disk, kept, manager.logged()]) expect(place).not.toContain(secret)
  for (const secret of [adminToken, clusterSecret, 'wrong-but-secret-too'])
    for (const place of [disk, kept, manager.logged()]) expect(place).not.toContain(secret)
})

test('explains that a key was sealed with another cluster secret, and a new key solves it', async () => {
  const previous = await start()
  const made = await previous.createChannel('show')
  await previous.close()
  managers = []
  const manager = await start({ NOWCAST_CLUSTER_SECRET: 'another-cluster-secret-of-the-tests' })
  const { status, body } = await manager.get<ProblemBody>('/v1/channels/show/stream-key')
  expect(status).toBe(500)
  expect(body.code).toBe('key_unreadable')
  expect(body.detail).toContain('sealed with another cluster secret')
  // The holder of the key can still publish.
  expect(await createPublishGrants(redis).find(hashStreamKey(made.streamKey))).toMatchObject({ slug: 'show' })
  const { body: next } = await manager.post<StreamKeyView>('/v1/channels/show/stream-key')
  expect((await manager.get('/v1/channels/show/stream-key')).body).toEqual(next)
  expect(await createPublishGrants(redis).find(hashStreamKey(made.streamKey))).toBeUndefined()
})

test('creates its own token and keeps it', async () => {
  const manager = await start({ NOWCAST_ADMIN_TOKEN: '' })
  const file = join(data.path, 'secrets/admin-token')
  const token = readFileSync(file, 'utf8').trim()
  const request = (authorization: string) => manager.get('/v1/channels', { authorization })
  expect((await request(`Bearer ${token}`)).status).toBe(200)
  expect((await request(`Bearer ${adminToken}`)).status).toBe(401)
  expect(manager.logged()).not.toContain(token)
})

async function everythingIn(redis: Redis): Promise<string> {
  const keys = await redis.keys('*')
  const values = await Promise.all(
    keys.map(async (key) => ((await redis.type(key)) === 'hash' ? redis.hgetall(key) : redis.dump(key))),
  )
  return JSON.stringify([keys, values])
}
