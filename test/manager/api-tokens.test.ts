import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { ApiTokenView, AuditView, CreatedApiTokenView } from '../../core/api/account.ts'
import type { ListPage } from '../../core/api/common.ts'
import type { ProblemBody } from '../../core/api/problem.ts'
import { listen } from '../../manager/server.ts'
import { createPerson, type Person, password, signIn } from '../kit/manager/people.ts'
import { startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { connectToRedis, startRedis, type TestRedis } from '../kit/redis.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'

let server: TestRedis
let data: TempDir
let manager: TestManager
/** A second manager with the same database. */
let other: TestManager
let producer: Person

beforeAll(async () => {
  server = await startRedis()
  data = makeTempDir()
  manager = await startTestManager(server.url, { NOWCAST_DATA_DIR: data.path })
  other = await startTestManager(server.url, { NOWCAST_DATA_DIR: data.path })
  for (const slug of ['one', 'two']) await manager.createChannel(slug)
  producer = await createPerson(manager, 'producer')
})
afterAll(async () => {
  await manager?.close()
  await other?.close()
  await server?.stop()
  data?.remove()
})
afterEach(() => void vi.useRealTimers())

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const create = async (fields: object, headers?: Record<string, string>) =>
  (
    await manager.post<CreatedApiTokenView & ProblemBody>(
      '/v1/tokens',
      { name: 'script', ...fields },
      headers,
    )
  ).body
const codeOf = async (response: Promise<{ status: number; body: unknown }>) => {
  const { status, body } = await response
  return status < 300 ? status : (body as ProblemBody).code
}

test('a token does what its scopes permit, on its channels only', async () => {
  const { token } = await create(
    { scopes: ['channels:read', 'keys:read'], channels: ['one'] },
    producer.headers,
  )
  const get = (path: string) => codeOf(manager.get(path, bearer(token)))
  expect(token).toMatch(/^nc_pat_/)
  expect(await get('/v1/channels/one')).toBe(200)
  expect(await get('/v1/channels/one/stream-key')).toBe(200)
  expect(await get('/v1/channels/two')).toBe('channel_not_found')
  expect(await get('/v1/sessions')).toBe('forbidden')
  expect(await get('/v1/me')).toBe(200)
  const { body } = await manager.get<ListPage<{ slug: string }>>('/v1/channels', bearer(token))
  expect(body.items.map(({ slug }) => slug)).toEqual(['one'])
})

test('a token cannot create tokens or accounts, and excludes the cookie', async () => {
  const { token } = await create({ scopes: ['channels:read'] }, producer.headers)
  const both = { ...producer.headers, ...bearer(token) }
  for (const path of ['/v1/tokens', '/v1/me/password', '/v1/accounts', '/v1/channels', '/v1/sign-out'])
    expect([path, await codeOf(manager.post(path, {}, both))]).toEqual([path, 'forbidden'])
})

test('a token has no scope beyond its account, and loses what its account loses', async () => {
  const { code } = await create({ scopes: ['accounts:read'] }, producer.headers)
  expect(code).toBe('forbidden')
  const admin = await createPerson(manager, 'admin')
  const { token } = await create({ scopes: ['accounts:read'] }, admin.headers)
  expect(await codeOf(manager.get('/v1/accounts', bearer(token)))).toBe(200)
  await manager.patch(`/v1/accounts/${admin.id}`, { role: 'viewer' })
  expect(await codeOf(other.get('/v1/accounts', bearer(token)))).toBe('forbidden')
  await manager.patch(`/v1/accounts/${admin.id}`, { disabled: true })
  expect(await codeOf(other.get('/v1/me', bearer(token)))).toBe('unauthorized')
})

test('a revoked token is refused at once by every manager, and an expired one too', async () => {
  const { id, token } = await create({ scopes: ['channels:read'] }, producer.headers)
  const get = () => codeOf(other.get('/v1/channels', bearer(token)))
  expect(await get()).toBe(200)
  const stranger = await createPerson(manager, 'streamer', 'stranger')
  const revoke = (headers: Record<string, string>) =>
    codeOf(manager.call('DELETE', `/v1/tokens/${id}`, undefined, headers))
  expect(await revoke(stranger.headers)).toBe('token_not_found')
  expect(await revoke(producer.headers)).toBe(204)
  expect(await get()).toBe('unauthorized')
  const { body } = await manager.get<ListPage<ApiTokenView>>('/v1/tokens', producer.headers)
  const listed = body.items.find((each) => each.id === id)
  expect([listed?.usedFrom, listed?.revokedAt]).toEqual(['127.0.0.0/24', expect.any(String)])
  const expiring = await create({ scopes: ['channels:read'], expiresInDays: 1 }, producer.headers)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 24 * 3_600_000 + 1 })
  expect(await codeOf(manager.get('/v1/channels', bearer(expiring.token)))).toBe('unauthorized')
})

test('a stream of events ends when its token is revoked', async () => {
  const { id, token } = await create({ scopes: ['events:read'] }, producer.headers)
  const url = `http://127.0.0.1:${await listen(other.app, '127.0.0.1', 0)}/v1/events/stream`
  const response = await fetch(url, { headers: bearer(token) })
  expect(response.status).toBe(200)
  await manager.call('DELETE', `/v1/tokens/${id}`, undefined, producer.headers)
  // The body ends, or breaks off, within the time limit of this test.
  await response.text().catch(() => '')
  expect((await fetch(url, { headers: bearer(token) })).status).toBe(401)
})

test("the operator's tokens need no account, and wrong ones are counted as guesses", async () => {
  const { token } = await create({ scopes: ['channels:write'], expiresInDays: null })
  expect(token).toMatch(/^nc_svc_/)
  expect(await codeOf(manager.patch('/v1/channels/one', { title: 'x' }))).toBe(200)
  const change = manager.call('PATCH', '/v1/channels/one', { title: 'By a script' }, bearer(token))
  expect(await codeOf(change)).toBe(200)
  const wrong = `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`
  let last: unknown
  for (let guess = 0; guess < 11; guess += 1) last = await codeOf(manager.get('/v1/channels', bearer(wrong)))
  expect(last).toBe('too_many_attempts')
  expect(await codeOf(manager.get('/v1/channels/one', bearer(token)))).toBe('forbidden')
})

test('the audit log has who changed what, and no secrets', async () => {
  const { headers } = await createPerson(manager, 'owner')
  await manager.call('PATCH', '/v1/channels/two', { title: 'Two!' }, headers)
  await manager.call('PATCH', '/v1/channels/none', { title: 'Two!' }, headers)
  const { streamKey } = (await manager.get<{ streamKey: string }>('/v1/channels/two/stream-key', headers))
    .body
  const { body } = await manager.get<ListPage<AuditView>>('/v1/audit?target=channel/two', headers)
  expect(body.items).toMatchObject([
    { action: 'channel.key_read', actorName: 'owner', before: null, after: null, status: 200 },
    { action: 'channel.change', before: { title: 'two' }, after: { title: 'Two!' }, address: '127.0.0.1' },
    { action: 'channel.create', actor: 'admin-token', before: null, after: { title: 'two' } },
  ])
  const { token, id } = await create({ scopes: ['channels:write'] }, producer.headers)
  await manager.call('PATCH', '/v1/channels/one', { latency: 'ultra' }, bearer(token))
  const [line] = (await manager.get<ListPage<AuditView>>(`/v1/audit?actor=${producer.id}&limit=1`)).body.items
  expect(line).toMatchObject({ action: 'channel.change', tokenId: id, after: { latency: 'ultra' } })
  const disk = readdirSync(data.path)
    .filter((name) => name.startsWith('nowcast.db'))
    .map((name) => readFileSync(join(data.path, name), 'latin1'))
    .join('')
  const cookie = headers.cookie?.split(/[=;]/)[1] ?? ''
  for (const secret of [password, token, streamKey, cookie])
    for (const place of [disk, manager.logged(), other.logged()]) expect(place).not.toContain(secret)
})

test('guesses are slowed down by all managers, and a browser that the account knows is not', async () => {
  const { email, headers } = await createPerson(manager, 'viewer', 'popular')
  const attempt = (at: TestManager, secret: string, more = {}) =>
    codeOf(at.post('/v1/sign-in', { email, password: secret }, { authorization: '', ...more }))
  expect(await attempt(manager, 'wrong')).toBe('sign_in_failed')
  const redis = await connectToRedis(server.url)
  const counts = await redis.keys('nowcast:sign-in:account:*')
  for (const count of counts) await redis.set(count, 50)
  redis.disconnect()
  expect(await attempt(manager, 'wrong')).toBe('sign_in_failed')
  expect(await attempt(other, password)).toBe('too_many_attempts')
  expect(await attempt(other, password, { cookie: headers.cookie ?? '' })).toBe(200)
  expect((await manager.get('/v1/me', await signIn(other, producer.email))).status).toBe(200)
})
