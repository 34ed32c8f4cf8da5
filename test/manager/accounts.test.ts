import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type {
  CreatedInvitationView,
  LinkView,
  MeView,
  NewTotpView,
  RecoveryCodesView,
} from '../../core/api/account.ts'
import type { ProblemBody } from '../../core/api/problem.ts'
import { codeAt } from '../../manager/accounts/totp.ts'
import { createPerson, pageHeaders, password, signIn } from '../kit/manager/people.ts'
import { startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { connectToRedis, startRedis, type TestRedis } from '../kit/redis.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'

let server: TestRedis
let data: TempDir
let manager: TestManager

const open = { authorization: '' }
const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

beforeAll(async () => {
  server = await startRedis()
  data = makeTempDir()
  manager = await startTestManager(server.url, { NOWCAST_DATA_DIR: data.path })
  await manager.createChannel('show')
})
afterAll(async () => {
  await manager?.close()
  await server?.stop()
  data?.remove()
})
afterEach(() => void vi.useRealTimers())

/** Moves the clock of the manager. */
const wait = (ms: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })

const tokenOf = (link: string) => link.trim().split('#')[1] ?? ''
const me = async (headers: Record<string, string>) => (await manager.get<MeView>('/v1/me', headers)).body
const codeOf = async (response: Promise<{ status: number; body: unknown }>) => {
  const { status, body } = await response
  return status < 300 ? status : (body as ProblemBody).code
}

test('the first account is an owner, by a link that works once', async () => {
  const file = join(data.path, 'secrets/first-account-link')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const token = tokenOf(readFileSync(file, 'utf8'))
  const again = await startTestManager(server.url, { NOWCAST_DATA_DIR: data.path })
  await again.close()
  expect(tokenOf(readFileSync(file, 'utf8'))).toBe(token)
  const { body } = await manager.post('/v1/links', { token }, open)
  expect(body).toMatchObject({ purpose: 'owner', role: 'owner' })
  const ada = { token, email: 'Ada@Example.com', name: 'Ada', password }
  const joined = await manager.post<MeView>('/v1/sign-up', ada, open)
  expect([joined.status, joined.body.account]).toMatchObject([
    201,
    { email: 'ada@example.com', role: 'owner' },
  ])
  expect(await me(pageHeaders(joined.headers['set-cookie']))).toEqual(joined.body)
  expect(await codeOf(manager.post('/v1/sign-up', { ...ada, email: 'b@example.com' }, open))).toBe(
    'link_gone',
  )
  expect(await codeOf(manager.post('/v1/links', { token }, open))).toBe('link_gone')
  expect(existsSync(file)).toBe(false)
  const { role, account } = await me(await signIn(manager, 'ADA@example.com'))
  expect([role, account?.name]).toEqual(['owner', 'Ada'])
})

test('a wrong password and an unknown account are refused alike', async () => {
  await createPerson(manager, 'viewer', 'alike')
  const attempts = ['alike@example.com', 'unknown@example.com'].map((email) =>
    manager.post<ProblemBody>('/v1/sign-in', { email, password: 'wrong' }, open),
  )
  const [wrong, unknown] = await Promise.all(attempts)
  const { status, code, detail } = wrong?.body ?? {}
  expect([wrong?.status, unknown?.status, status]).toEqual([401, 401, 401])
  expect(unknown?.body).toMatchObject({ status, code, detail })
  expect(wrong?.headers['set-cookie']).toBeUndefined()
})

test('an invited streamer gets the key of the channel, and enters the password again later', async () => {
  const { body } = await manager.post<CreatedInvitationView>('/v1/invitations', {
    role: 'streamer',
    channels: ['show'],
    note: 'for Bob',
  })
  expect(body.link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/console\/join#[\w-]{43}$/)
  const bob = { token: tokenOf(body.link), email: 'bob@example.com', name: 'Bob', password }
  const { headers } = await manager.post('/v1/sign-up', bob, open)
  const page = pageHeaders(headers['set-cookie'])
  expect((await manager.get('/v1/channels', page)).headers['cache-control']).toBe('private, no-cache')
  expect((await me(page)).account?.channels).toEqual([{ channel: 'show', role: 'streamer' }])
  const keyWith = (page: Record<string, string>) => codeOf(manager.get('/v1/channels/show/stream-key', page))
  expect(await keyWith(page)).toBe(200)
  wait(11 * minuteMs)
  expect(await keyWith(page)).toBe('sign_in_again')
  expect(await codeOf(manager.post('/v1/me/confirm', { password: 'wrong' }, page))).toBe('wrong_password')
  const confirmed = await manager.post('/v1/me/confirm', { password }, page)
  expect(await keyWith(pageHeaders(confirmed.headers['set-cookie']))).toBe(200)
  // The new secret replaces the previous one.
  expect(await keyWith(page)).toBe('unauthorized')
})

test('a sign-in ends when it is not used for a week, and after a month', async () => {
  const { headers } = await createPerson(manager, 'viewer', 'idle')
  for (let day = 0; day < 29; day += 6) {
    expect((await manager.get('/v1/me', headers)).status).toBe(200)
    wait(6 * dayMs)
  }
  expect(await codeOf(manager.get('/v1/me', headers))).toBe('unauthorized')
  vi.useRealTimers()
  const unused = await signIn(manager, 'idle@example.com')
  wait(7 * dayMs + 1000)
  expect(await codeOf(manager.get('/v1/me', unused))).toBe('unauthorized')
})

test.each([
  [{ 'sec-fetch-site': 'cross-site' }, 'cross_site'],
  [{ 'sec-fetch-site': 'same-site' }, 'cross_site'],
  [{ origin: 'https://evil.example' }, 'cross_site'],
  [{ origin: 'null' }, 'cross_site'],
  [{}, 'cross_site'],
  [{ 'sec-fetch-site': 'none' }, 204],
  [{ origin: 'http://localhost:80' }, 204],
])('a change with the cookie and %o is answered with %s', async (headers, expected) => {
  const email = `site-${Math.random()}@example.com`
  await manager.post('/v1/accounts', { email, name: 'x', role: 'viewer', password })
  const { cookie = '' } = await signIn(manager, email)
  expect(
    await codeOf(manager.call('DELETE', '/v1/me/sign-ins', undefined, { ...open, cookie, ...headers })),
  ).toBe(expected)
  expect((await manager.get('/v1/me', { ...open, cookie, ...headers })).status).toBe(200)
  if ('sec-fetch-site' in headers && expected === 'cross_site')
    expect(await codeOf(manager.post('/v1/sign-in', { email, password }, { ...open, ...headers }))).toBe(
      expected,
    )
})

test('over HTTPS the cookie is secure and bound to the host', async () => {
  const secure = await startTestManager(server.url, { NOWCAST_PUBLIC_URL: 'https://tv.example' })
  await secure.post('/v1/accounts', { email: 'a@example.com', name: 'a', role: 'viewer', password })
  const host = { host: 'tv.example' }
  const { headers } = await secure.post(
    '/v1/sign-in',
    { email: 'a@example.com', password },
    { ...open, ...host },
  )
  const [cookie] = headers['set-cookie'] as string[]
  expect(cookie).toMatch(
    /^__Host-nowcast=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=2592000; Secure$/,
  )
  const page = pageHeaders(headers['set-cookie'])
  expect((await secure.get('/v1/me', { ...page, ...host })).status).toBe(200)
  const plain = page.cookie?.replaceAll('__Host-', '') ?? ''
  expect((await secure.get('/v1/me', { ...page, ...host, cookie: plain })).status).toBe(401)
  await secure.close()
})

test('a link for a new password ends all sign-ins; a change ends the others', async () => {
  const { id, email, headers } = await createPerson(manager, 'viewer', 'reset')
  const { body } = await manager.post<LinkView>(`/v1/accounts/${id}/password-link`)
  const reset = { token: tokenOf(body.link), password: 'another password' }
  expect((await manager.post('/v1/password-reset', reset, open)).status).toBe(204)
  expect(await codeOf(manager.post('/v1/password-reset', reset, open))).toBe('link_gone')
  expect(await codeOf(manager.get('/v1/me', headers))).toBe('unauthorized')
  const [one, other] = [
    await signIn(manager, email, 'another password'),
    await signIn(manager, email, 'another password'),
  ]
  const changed = await manager.post('/v1/me/password', { current: 'another password', password }, one)
  expect(await codeOf(manager.get('/v1/me', other))).toBe('unauthorized')
  expect((await manager.get('/v1/me', pageHeaders(changed.headers['set-cookie']))).status).toBe(200)
  expect((await manager.get('/v1/me', await signIn(manager, email))).status).toBe(200)
})

test('an admin cannot touch owners or make one, and the last owner stays', async () => {
  const admin = await createPerson(manager, 'admin', 'boss')
  const other = await createPerson(manager, 'owner', 'second-owner')
  const patch = (id: string, body: object) =>
    codeOf(manager.call('PATCH', `/v1/accounts/${id}`, body, admin.headers))
  expect(await patch(other.id, { disabled: true })).toBe('forbidden')
  expect(await patch(admin.id, { role: 'owner' })).toBe('forbidden')
  expect(await codeOf(manager.post('/v1/invitations', { role: 'owner' }, admin.headers))).toBe('forbidden')
  expect(await codeOf(manager.post(`/v1/accounts/${other.id}/password-link`, undefined, admin.headers))).toBe(
    'forbidden',
  )
  const { body } = await manager.get<{ items: { id: string; role: string }[] }>('/v1/accounts?limit=200')
  const owners = body.items.filter(({ role }) => role === 'owner')
  const removals = []
  for (const { id } of owners) removals.push(await codeOf(manager.delete(`/v1/accounts/${id}`)))
  expect(removals.toSorted()).toEqual([...owners.slice(1).map(() => 204), 'last_owner'])
})

test('an account with a second factor needs a code to sign in, each once', async () => {
  const { email, headers } = await createPerson(manager, 'viewer', 'careful')
  const { body: offer } = await manager.post<NewTotpView>('/v1/me/totp', undefined, headers)
  const put = (code: string) =>
    manager.call<RecoveryCodesView>('PUT', '/v1/me/totp', { secret: offer.secret, code }, headers)
  const code = () => codeAt(offer.secret, Math.floor(Date.now() / 30_000))
  expect(await codeOf(put(code() === '000000' ? '000001' : '000000'))).toBe('wrong_code')
  const [recovery = ''] = (await put(code())).body.recoveryCodes
  const attempt = (more: object) => codeOf(manager.post('/v1/sign-in', { email, password, ...more }, open))
  expect(await attempt({})).toBe('second_factor_required')
  expect(await attempt({ code: code() })).toBe('wrong_code')
  expect(await attempt({ code: recovery })).toBe(200)
  expect(await attempt({ code: recovery })).toBe('wrong_code')
  wait(minuteMs)
  expect(await attempt({ code: code() })).toBe(200)
  expect(await codeOf(manager.call('DELETE', '/v1/me/totp', undefined, headers))).toBe(204)
  expect(await attempt({})).toBe(200)
})

test('sign-up follows its setting', async () => {
  const join = { email: 'new@example.com', name: 'New', password }
  expect(await codeOf(manager.post('/v1/sign-up', join, open))).toBe('sign_up_closed')
  const anyone = await startTestManager(server.url, { NOWCAST_SIGN_UP: 'open' })
  const { status, body } = await anyone.post<MeView>('/v1/sign-up', join, open)
  expect([status, body.role, body.account?.channels]).toEqual([201, 'streamer', []])
  expect(await codeOf(anyone.post('/v1/sign-up', join, open))).toBe('email_taken')
  const redis = await connectToRedis(server.url)
  await redis.set('nowcast:sign-in:sign-up:127.0.0.1', 50)
  redis.disconnect()
  expect(await codeOf(anyone.post('/v1/sign-up', join, open))).toBe('email_taken')
  expect(await codeOf(anyone.post('/v1/sign-up', join, open))).toBe('too_many_attempts')
  await anyone.close()
  const closed = await startTestManager(server.url, { NOWCAST_SIGN_UP: 'closed' })
  expect(await codeOf(closed.post('/v1/invitations', { role: 'viewer' }))).toBe('sign_up_closed')
  await closed.close()
})
