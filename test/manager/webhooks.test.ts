import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ListPage } from '../../core/api/common.ts'
import type { EventPage } from '../../core/api/event.ts'
import type { ProblemBody } from '../../core/api/problem.ts'
import type {
  CreatedWebhookView,
  DeliveryView,
  ResendView,
  WebhookSecretView,
  WebhookView,
} from '../../core/api/webhook.ts'
import { startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../kit/manager/webhook-receiver.ts'
import { startRedis, type TestRedis, untilSubscribed } from '../kit/redis.ts'
import { waitFor } from '../kit/wait-for.ts'

let server: TestRedis
let manager: TestManager
let receiver: WebhookReceiver

beforeAll(async () => {
  ;[server, receiver] = await Promise.all([startRedis(), startWebhookReceiver()])
  manager = await startTestManager(server.url, { NOWCAST_WEBHOOK_NETWORKS: '127.0.0.1' })
})
afterAll(async () => {
  await manager?.close()
  await receiver?.stop()
  await server?.stop()
})

const create = async (fields: object) =>
  (await manager.post<CreatedWebhookView>('/v1/webhooks', { url: receiver.url, ...fields })).body

const deliveriesOf = async (id: string, query = '') =>
  (await manager.get<ListPage<DeliveryView>>(`/v1/webhooks/${id}/deliveries?${query}`)).body

/** Waits for the newest delivery to be delivered. */
const delivered = (id: string) =>
  waitFor('the delivery', async () => {
    const [newest] = (await deliveriesOf(id)).items
    return newest?.state === 'delivered' && newest
  })

test('a receiver that fails twice gets the event again with the same id, and the next one after it', async () => {
  receiver.statuses.push(500, 503)
  const { id, secret } = await create({ channels: ['show'] })
  await manager.createChannel('show')
  await manager.patch('/v1/channels/show', { title: 'A show' })
  await manager.createChannel('other')
  for (const attempts of [1, 2]) {
    await waitFor('the attempt', () => receiver.received.length === attempts)
    await waitFor('its failure', async () => (await deliveriesOf(id)).items[1]?.tries.length === attempts)
    // Enabling a webhook attempts at once what is pending.
    await manager.patch(`/v1/webhooks/${id}`, { enabled: false })
    await manager.patch(`/v1/webhooks/${id}`, { enabled: true })
  }
  await waitFor('both events', () => receiver.sequencesOf('show').length === 2)
  const [first, ...others] = receiver.received
  expect(receiver.received.map(({ event }) => event.sequence)).toEqual([1, 1, 1, 2])
  for (const each of others.slice(0, 2)) {
    expect(each.body).toBe(first?.body)
    expect(each.headers['webhook-id']).toBe(first?.event.id)
  }
  for (const { body, headers } of receiver.received) new Webhook(secret).verify(body, headers)
  await delivered(id)
  const { items } = await deliveriesOf(id)
  expect(items.map(({ state, type, tries }) => [state, type, tries.map(({ status }) => status)])).toEqual([
    ['delivered', 'channel.updated', [204]],
    ['delivered', 'channel.created', [500, 503, 204]],
  ])
  const log = await manager.get<EventPage>('/v1/events?channel=show')
  expect(receiver.received.map(({ event }) => event).slice(2)).toEqual(log.body.items)
  await manager.delete(`/v1/webhooks/${id}`)
})

test('events are sent again: one of them, or all since a time', async () => {
  const { id } = await create({ types: ['channel.deleted'] })
  const since = new Date().toISOString()
  for (const slug of ['one', 'two']) {
    await manager.createChannel(slug)
    await manager.delete(`/v1/channels/${slug}`)
  }
  await waitFor('both', async () => (await deliveriesOf(id, 'state=delivered')).items.length === 2)
  const page = await deliveriesOf(id, 'limit=1')
  const [newest] = page.items
  const next = await deliveriesOf(id, `limit=1&cursor=${page.nextCursor}`)
  expect([newest?.channel, next.items[0]?.channel, next.nextCursor]).toEqual(['two', 'one', null])
  receiver.received.splice(0)
  const one = await manager.post<DeliveryView>(`/v1/webhooks/${id}/deliveries/${newest?.id}/resend`)
  expect([one.status, one.body.eventId]).toEqual([202, newest?.eventId])
  await waitFor('the event', () => receiver.received.length === 1)
  // What is pending is not queued once more.
  await delivered(id)
  const all = await manager.post<ResendView>(`/v1/webhooks/${id}/resend?since=${since}`)
  expect([all.status, all.body]).toEqual([202, { queued: 2, continueAfter: null }])
  await waitFor('all', () => receiver.received.length === 3)
  expect(
    receiver.received
      .map(({ event }) => event.channel)
      .slice(1)
      .toSorted(),
  ).toEqual(['one', 'two'])
  await manager.patch(`/v1/webhooks/${id}`, { enabled: false })
  const refused = await manager.post<ProblemBody>(`/v1/webhooks/${id}/resend?since=${since}`)
  expect([refused.status, refused.body.code]).toEqual([409, 'webhook_disabled'])
  await manager.delete(`/v1/webhooks/${id}`)
})

test('the secret is shown once and is not in the database or the log; a new one is used at once', async () => {
  const { secret, ...webhook } = await create({ channels: ['secret'] })
  expect(webhook).toMatchObject({ types: null, channels: ['secret'], enabled: true, disabledReason: null })
  const { id } = webhook
  const { body: next } = await manager.post<WebhookSecretView>(`/v1/webhooks/${id}/secret`)
  const shown = await manager.get<WebhookView>(`/v1/webhooks/${id}`)
  const { body: list } = await manager.get<{ items: WebhookView[] }>('/v1/webhooks')
  expect(list.items).toEqual([shown.body])
  await manager.createChannel('secret')
  const { headers, body } = (await delivered(id)) && (receiver.received.at(-1) ?? fail())
  for (const each of [secret, next.secret]) new Webhook(each).verify(body, headers)
  for (const each of [secret, next.secret])
    for (const place of [shown.text, manager.logged()]) expect(place).not.toContain(each.slice(8, 30))
  expect(manager.logged()).not.toContain(receiver.url)
  await manager.delete(`/v1/webhooks/${id}`)
  expect((await manager.get(`/v1/webhooks/${id}`)).status).toBe(404)
})

test('without Redis a manager delivers alone', async () => {
  const { id } = await create({ channels: ['alone'] })
  await server.kill()
  await manager.createChannel('alone')
  await delivered(id)
  await server.restart()
  await untilSubscribed(server.url, 'nowcast:events', 1)
  await manager.patch('/v1/channels/alone', { title: 'Alone' })
  await waitFor('the second event', () => receiver.sequencesOf('alone').length === 2)
  await manager.delete(`/v1/webhooks/${id}`)
})

test.each([
  ['http://10.0.0.1/', 'webhook_url_refused'],
  ['http://[::1]/', 'webhook_url_refused'],
  ['http://169.254.169.254/latest', 'webhook_url_refused'],
  ['https://me:secret@example.com/', 'webhook_url_refused'],
  ['https://example.com/#part', 'webhook_url_refused'],
  ['http://', 'validation_failed'],
  ['ftp://example.com/', 'validation_failed'],
  [`https://example.com/${'a'.repeat(2000)}`, 'validation_failed'],
])('a webhook to %s is refused', async (url, code) => {
  const { status, body } = await manager.post<ProblemBody>('/v1/webhooks', { url })
  expect([status, body.code]).toEqual([400, code])
  expect(body.field).toBe('url')
})

function fail(): never {
  throw new Error('nothing was received')
}
