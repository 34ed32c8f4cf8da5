import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ProblemBody } from '../../core/api/problem.ts'
import type { ChannelRole, Role } from '../../core/api/roles.ts'
import { createLiveRegistry } from '../../core/contracts/live-registry.ts'
import { liveSession } from '../kit/manager/live-data.ts'
import { createPerson, type Person } from '../kit/manager/people.ts'
import { startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { connectToRedis, startRedis, type TestRedis } from '../kit/redis.ts'
import { waitFor } from '../kit/wait-for.ts'

/** A person with a role on all channels, or on the channel `own` only. */
interface Actor extends Person {
  role: Role
  isLimited: boolean
}

interface Operation {
  description?: string
}

const everyone = ['owner', 'admin', 'producer', 'streamer', 'moderator', 'viewer']
const admins = ['owner', 'admin']
const producers = [...admins, 'producer']
const publishers = [...producers, 'streamer']

/** Calls about a channel or its session, with the roles that permit them on that channel. */
const channelCalls: Record<string, readonly string[]> = {
  'GET /v1/channels/{slug}': everyone,
  'PATCH /v1/channels/{slug}': producers,
  'DELETE /v1/channels/{slug}': producers,
  'GET /v1/channels/{slug}/stream-key': publishers,
  'POST /v1/channels/{slug}/stream-key': publishers,
  'GET /v1/channels/{slug}/slate': everyone,
  'PUT /v1/channels/{slug}/slate': publishers,
  'DELETE /v1/channels/{slug}/slate': publishers,
  'POST /v1/channels/{slug}/playback-tokens': publishers,
  'DELETE /v1/channels/{slug}/playback-tokens': publishers,
  'DELETE /v1/channels/{slug}/playback-tokens/{id}': publishers,
  'GET /v1/sessions/{id}': everyone,
  'GET /v1/sessions/{id}/health': everyone,
  'POST /v1/sessions/{id}/stop': publishers,
}

/** Calls for which only the role of the account counts. */
const instanceCalls: Record<string, readonly string[]> = {
  'GET /v1/channels': everyone,
  'POST /v1/channels': producers,
  'GET /v1/sessions': everyone,
  'GET /v1/channels/{slug}/roles': admins,
  'PUT /v1/channels/{slug}/roles/{id}': admins,
  'DELETE /v1/channels/{slug}/roles/{id}': admins,
  'GET /v1/events': producers,
  'GET /v1/events/stream': producers,
  'GET /v1/webhooks': admins,
  'POST /v1/webhooks': admins,
  'GET /v1/webhooks/{id}': admins,
  'PATCH /v1/webhooks/{id}': admins,
  'DELETE /v1/webhooks/{id}': admins,
  'POST /v1/webhooks/{id}/secret': admins,
  'GET /v1/webhooks/{id}/deliveries': admins,
  'POST /v1/webhooks/{id}/deliveries/{deliveryId}/resend': admins,
  'POST /v1/webhooks/{id}/resend': admins,
  'GET /v1/accounts': admins,
  'POST /v1/accounts': admins,
  'GET /v1/accounts/{id}': admins,
  'PATCH /v1/accounts/{id}': admins,
  'DELETE /v1/accounts/{id}': admins,
  'DELETE /v1/accounts/{id}/sign-ins': admins,
  'DELETE /v1/accounts/{id}/totp': admins,
  'POST /v1/accounts/{id}/password-link': admins,
  'GET /v1/invitations': admins,
  'POST /v1/invitations': admins,
  'DELETE /v1/invitations/{id}': admins,
  'GET /v1/audit': admins,
  'GET /v1/tokens': everyone,
  'POST /v1/tokens': everyone,
  'DELETE /v1/tokens/{id}': everyone,
  'GET /v1/me': everyone,
  'POST /v1/me/confirm': everyone,
  'POST /v1/me/password': everyone,
  'POST /v1/me/totp': everyone,
  'PUT /v1/me/totp': everyone,
  'DELETE /v1/me/totp': everyone,
  'GET /v1/me/sign-ins': everyone,
  'DELETE /v1/me/sign-ins': everyone,
  'DELETE /v1/me/sign-ins/{id}': everyone,
  'POST /v1/sign-out': everyone,
}

/** Calls that need no sign-in. */
const openCalls = [
  'POST /v1/sign-in',
  'POST /v1/sign-up',
  'POST /v1/links',
  'POST /v1/password-reset',
  'GET /steering/{slug}',
]

let server: TestRedis
let manager: TestManager
let paths: Record<string, Record<string, Operation>>
const actors: Actor[] = []
const sessionIds: Record<string, string> = {}

beforeAll(async () => {
  server = await startRedis()
  manager = await startTestManager(server.url)
  const redis = await connectToRedis(server.url)
  for (const slug of ['own', 'other']) {
    const { id } = await manager.createChannel(slug)
    const session = liveSession({ slug, channelId: id })
    sessionIds[slug] = session.sessionId
    await createLiveRegistry(redis).putSession(session)
  }
  redis.disconnect()
  for (const role of ['owner', 'admin', 'producer', 'moderator', 'viewer'] as const)
    actors.push({ ...(await createPerson(manager, role)), role, isLimited: false })
  for (const role of ['producer', 'streamer', 'moderator', 'viewer'] as const satisfies ChannelRole[]) {
    const person = await createPerson(manager, 'streamer', `limited-${role}`)
    await manager.call('PUT', `/v1/channels/own/roles/${person.id}`, { role })
    actors.push({ ...person, role, isLimited: true })
  }
  paths = (await manager.get<{ paths: typeof paths }>('/openapi.json')).body.paths
  await waitFor('the sessions', async () => {
    const { status } = await manager.get(`/v1/sessions/${sessionIds.other}`)
    return status === 200
  })
})
afterAll(async () => {
  await manager?.close()
  await server?.stop()
})

const ids: Record<string, string> = {
  accounts: 'a',
  tokens: 'at',
  invitations: 'l',
  webhooks: 'wh',
  me: 'si',
  channels: 'a',
}

/** Returns the URL of a call about a channel. Ids of other things are valid, but unknown. */
function urlOf(path: string, slug: string): string {
  const id = path.startsWith('/v1/sessions')
    ? (sessionIds[slug] ?? '')
    : path.includes('playback-tokens')
      ? 'pt_zzzzzz_AAAAAAAAAAA'
      : `${ids[path.split('/')[2] ?? '']}_AAAAAAAAAAAAAAAAAAAAAA`
  const url = path
    .replace('{slug}', slug)
    .replace('{id}', id)
    .replace('{deliveryId}', 'dlv_AAAAAAAAAAAAAAAAAAAAAA')
  // A valid response of this path is endless.
  return path.endsWith('/stream') ? `${url}?after=e.999999999` : url
}

/**
 * Sends a call that changes nothing: if it is permitted, its body has a wrong media type. Returns the code of
 * the refusal, or `permitted`.
 */
async function send(call: string, slug: string, headers: Record<string, string>): Promise<string> {
  const [method = '', path = ''] = call.split(' ')
  const xml = method === 'GET' ? undefined : '<x/>'
  const { status, body } = await manager.call<ProblemBody>(method, urlOf(path, slug), xml, {
    ...(xml === undefined ? {} : { 'content-type': 'application/xml' }),
    ...headers,
  })
  const refusals = ['unauthorized', 'forbidden', 'channel_not_found', 'session_not_found', 'sign_in_again']
  if (refusals.includes(body.code)) return body.code
  const expected = method === 'GET' ? [200, 400, 404] : [415]
  expect([call, slug, body.code, expected.includes(status)]).toEqual([call, slug, body.code, true])
  return 'permitted'
}

test('every call has a declared permission, or is open', () => {
  const calls = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { description }]) => ({
      call: `${method.toUpperCase()} ${path}`,
      isGuarded: /^For .*(?:API tokens?)/.test(description ?? ''),
    })),
  )
  const open = calls.filter(({ isGuarded }) => !isGuarded).map(({ call }) => call)
  expect(open.toSorted()).toEqual(openCalls.toSorted())
  const listed = [...Object.keys(channelCalls), ...Object.keys(instanceCalls), ...openCalls]
  expect(calls.map(({ call }) => call).toSorted()).toEqual(listed.toSorted())
})

test.each(Object.entries(channelCalls))(
  '%s, for each role, on an own and on another channel',
  async (call, allowed) => {
    for (const slug of ['own', 'other']) {
      for (const { role, isLimited, headers } of actors) {
        const isVisible = !isLimited || slug === 'own'
        const unknown = call.includes('/sessions/') ? 'session_not_found' : 'channel_not_found'
        const expected = !isVisible ? unknown : allowed.includes(role) ? 'permitted' : 'forbidden'
        expect([role, isLimited, slug, await send(call, slug, headers)]).toEqual([
          role,
          isLimited,
          slug,
          expected,
        ])
      }
      expect(await send(call, slug, { authorization: '' })).toBe('unauthorized')
    }
  },
)

test.each(Object.entries(instanceCalls))('%s, for each role', async (call, allowed) => {
  for (const { role, isLimited, headers } of actors) {
    const isPermitted = allowed.includes(isLimited ? 'streamer' : role)
    expect([role, isLimited, await send(call, 'own', headers)]).toEqual([
      role,
      isLimited,
      isPermitted ? 'permitted' : 'forbidden',
    ])
  }
  expect(await send(call, 'own', { authorization: '' })).toBe('unauthorized')
})

test('the admin token permits everything except what is for people', async () => {
  const forPeople = (call: string) => call.includes('/me/') || call === 'POST /v1/sign-out'
  for (const call of [...Object.keys(channelCalls), ...Object.keys(instanceCalls)])
    expect([call, await send(call, 'own', {})]).toEqual([call, forPeople(call) ? 'forbidden' : 'permitted'])
})

test('lists have what the principal may see', async () => {
  for (const { isLimited, headers } of actors) {
    const { body } = await manager.get<{ items: { slug: string }[] }>('/v1/channels', headers)
    expect(body.items.map(({ slug }) => slug)).toEqual(isLimited ? ['own'] : ['other', 'own'])
    const sessions = await manager.get<{ items: { channel: string }[] }>('/v1/sessions', headers)
    for (const { channel } of sessions.body.items) expect(isLimited ? channel : 'own').toBe('own')
  }
})
