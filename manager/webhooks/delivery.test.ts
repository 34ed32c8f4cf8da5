import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWebhookStage, responded, type WebhookStage } from '../../test/kit/manager/webhook-stage.ts'
import { newWebhookSecret } from './signature.ts'

const [second, minute, hour] = [1000, 60_000, 3_600_000]

let stage: WebhookStage
beforeEach(async () => {
  stage = await openWebhookStage()
})
afterEach(() => stage.close())

/** Returns the deliveries in the order of their events. Several may have been made in one millisecond. */
const deliveriesOf = async (id: string) =>
  (await stage.deliveryLog.page(id, undefined, 100)).toSorted((a, b) => a.position - b.position)
const statesOf = async (id: string) => (await deliveriesOf(id)).map(({ state }) => state)

test('an endpoint gets the events that it chooses, signed, each once', async () => {
  const secret = await stage.addWebhook('wh_one', { channels: ['show'], types: ['channel.updated'] })
  await stage.addWebhook('wh_off', { enabled: false })
  await stage.record('show')
  await stage.record('other')
  await stage.store.events.record({ type: 'token.created', at: 1, channel: null, data: {} })
  await stage.record('show')
  await stage.settle()
  await stage.advance(hour)
  expect(stage.names()).toEqual(['show 1', 'show 2'])
  for (const { body, headers, eventId } of stage.attempts) {
    expect(new Webhook(secret).verify(body, { ...headers })).toMatchObject({ type: 'channel.updated' })
    expect(headers['webhook-id']).toBe(eventId)
  }
  expect(await statesOf('wh_one')).toEqual(['delivered', 'delivered'])
  expect(await statesOf('wh_off')).toEqual([])
})

test('the events of a channel wait for the first one, those of other channels do not', async () => {
  await stage.addWebhook('wh_one')
  stage.endpoint.respond = ({ name }) => responded(name === 'show 1' ? 500 : 204)
  for (const slug of ['show', 'show', 'other', 'show', 'other']) await stage.record(slug)
  await stage.settle()
  expect(stage.names().toSorted()).toEqual(['other 1', 'other 2', 'show 1'])
  stage.endpoint.respond = () => responded(200)
  await stage.advance(6 * second)
  expect(stage.names().slice(3)).toEqual(['show 1', 'show 2', 'show 3'])
  expect(stage.attempts[3]?.eventId).toBe(stage.attempts.find(({ name }) => name === 'show 1')?.eventId)
})

test('a receiver that is down for 75 hours gets every event in order when it is back', async () => {
  await stage.addWebhook('wh_one')
  stage.endpoint.respond = ({ at }) => (at < 75 * hour ? responded(502) : responded(204))
  await stage.record('show')
  await stage.settle()
  await stage.record('show')
  await stage.advance(minute, second)
  await stage.advance(76 * hour, 5 * minute)
  const times = stage.attempts.map(({ at, name }) => [name, Math.round(at / hour)])
  expect(times).toEqual([
    ...[0, 0, 0, 1, 3, 8, 18, 32, 52, 76].map((hours) => ['show 1', hours]),
    ['show 2', 76],
  ])
  expect(new Set(stage.attempts.map(({ eventId }) => eventId)).size).toBe(2)
  expect(await statesOf('wh_one')).toEqual(['delivered', 'delivered'])
  expect(await stage.webhooks.byId('wh_one')).toMatchObject({ enabled: true, failingSince: null })
})

test('an endpoint that fails for three days is disabled, and gets what is pending when it is enabled', async () => {
  await stage.addWebhook('wh_one', { channels: ['show', 'other'] })
  await stage.addWebhook('wh_witness', { types: ['webhook.disabled'] })
  stage.endpoint.respond = ({ url }) => responded(url.includes('wh_one') ? 500 : 204)
  await stage.record('show')
  await stage.settle()
  await stage.advance(40 * hour, hour)
  await stage.record('other')
  await stage.advance(38 * hour, hour)
  expect(await stage.webhooks.byId('wh_one')).toMatchObject({ enabled: false, disabledReason: 'failing' })
  const told = stage.attempts.filter(({ url }) => url.includes('wh_witness'))
  expect(told.map(({ body }) => JSON.parse(body).data)).toEqual([{ webhookId: 'wh_one', reason: 'failing' }])
  const before = stage.attempts.length
  await stage.record('show')
  await stage.advance(30 * hour, hour)
  expect(stage.attempts).toHaveLength(before)
  stage.endpoint.respond = () => responded(204)
  await stage.webhooks.update('wh_one', { enabled: true }, stage.now())
  await stage.settle()
  // What happened while it was disabled is sent only when that is asked for.
  expect(stage.names().slice(before).toSorted()).toEqual(['other 1', 'show 1'])
  await stage.deliveryLog.resendSince('wh_one', 0, 0, 100, stage.now())
  await stage.settle()
  const lastOf = (slug: string) => stage.names().filter((name) => name.startsWith(slug))
  expect(lastOf('show').slice(-2)).toEqual(['show 1', 'show 2'])
})

test('410 disables an endpoint at once, and redirects are failures', async () => {
  await stage.addWebhook('wh_one')
  stage.endpoint.respond = () => responded(308)
  await stage.record('show')
  await stage.settle()
  stage.endpoint.respond = () => responded(410)
  await stage.advance(6 * second)
  expect(await stage.webhooks.byId('wh_one')).toMatchObject({ enabled: false, disabledReason: 'gone' })
  expect(await statesOf('wh_one')).toEqual(['pending'])
  const [delivery] = await stage.deliveryLog.page('wh_one', 'pending', 1)
  expect(delivery?.tries.map(({ status }) => status)).toEqual([308, 410])
})

test('Retry-After of 429 and 503 pauses all channels of the endpoint', async () => {
  await stage.addWebhook('wh_one')
  stage.endpoint.respond = () => responded(429, '600')
  await stage.record('show')
  await stage.settle()
  stage.endpoint.respond = () => responded(204)
  await stage.record('other')
  await stage.advance(9 * minute)
  expect(stage.names()).toEqual(['show 1'])
  await stage.advance(2 * minute)
  expect(stage.names().slice(1).toSorted()).toEqual(['other 1', 'show 1'])
})

test('an event that an otherwise healthy endpoint refuses is given up, and the next one follows', async () => {
  await stage.addWebhook('wh_one')
  stage.endpoint.respond = ({ name }) => responded(name === 'show 1' ? 400 : 204)
  await stage.record('show')
  await stage.record('show')
  await stage.settle()
  await stage.advance(minute, second)
  for (let day = 0; day < 4; day += 1) {
    await stage.record('other')
    await stage.advance(24 * hour, 10 * minute)
  }
  expect(stage.names().filter((name) => name.startsWith('show'))).toEqual([
    ...Array.from({ length: 10 }, () => 'show 1'),
    'show 2',
  ])
  expect((await statesOf('wh_one')).slice(0, 2)).toEqual(['failed', 'delivered'])
})

test('two managers do not attempt the same delivery, and that of a dead one is attempted again', async () => {
  await stage.addWebhook('wh_one')
  await stage.record('show')
  const [lane] = await stage.deliveries.due(stage.now(), 4)
  if (lane === undefined) throw new Error('nothing is due')
  const signal = new AbortController().signal
  await Promise.all([stage.newDeliver()(lane, signal), stage.newDeliver()(lane, signal)])
  expect(stage.names()).toEqual(['show 1'])

  await stage.record('show')
  const dead = await stage.deliveries.lease(lane, stage.now(), stage.now() + 20_000)
  expect(dead?.delivery.position).toBe(2)
  await stage.advance(19 * second)
  expect(stage.names()).toEqual(['show 1'])
  await stage.advance(2 * second)
  expect(stage.names()).toEqual(['show 1', 'show 2'])
})

test('an attempt that is aborted does not count', async () => {
  await stage.addWebhook('wh_one')
  await stage.record('show')
  const [lane] = await stage.deliveries.due(stage.now(), 4)
  const closing = new AbortController()
  stage.endpoint.respond = () => {
    closing.abort()
    return { status: null, error: 'aborted', retryAfter: undefined }
  }
  if (lane) await stage.newDeliver()(lane, closing.signal)
  stage.endpoint.respond = () => responded(204)
  await stage.settle()
  const [delivery] = await stage.deliveryLog.page('wh_one', undefined, 1)
  expect([delivery?.state, delivery?.tries.length]).toEqual(['delivered', 1])
})

test('both secrets sign for a day after a rotation', async () => {
  const first = await stage.addWebhook('wh_one')
  const second = newWebhookSecret()
  const now = stage.now()
  await stage.webhooks.replaceSecret('wh_one', stage.seal.seal(second, 'wh_one'), now + 24 * hour, now)
  await stage.record('show')
  await stage.settle()
  await stage.advance(25 * hour)
  await stage.record('show')
  await stage.settle()
  const signatures = stage.attempts.map(({ headers }) => headers['webhook-signature']?.split(' ').length)
  expect(signatures).toEqual([2, 1])
  const [attempt] = stage.attempts
  for (const secret of [first, second])
    expect(new Webhook(secret).verify(attempt?.body ?? '', { ...attempt?.headers })).toBeTruthy()
})

test('one delivery is sent again without waiting, and all since a time in order and in steps', async () => {
  await stage.addWebhook('wh_one')
  for (let count = 0; count < 5; count += 1) await stage.record('show')
  await stage.settle()
  const [, , third] = await deliveriesOf('wh_one')
  await stage.deliveryLog.resend('wh_one', third?.id ?? '', stage.now())
  expect(await stage.deliveryLog.resend('wh_one', 'dlv_none', stage.now())).toBeUndefined()
  await stage.settle()
  expect(stage.names().slice(5)).toEqual(['show 3'])
  const part = await stage.deliveryLog.resendSince('wh_one', 0, 0, 3, stage.now())
  expect(part).toEqual({ queued: 3, continueAfter: 3 })
  // Those that are pending are not queued once more.
  expect(await stage.deliveryLog.resendSince('wh_one', 0, 0, 100, stage.now())).toEqual({
    queued: 2,
    continueAfter: undefined,
  })
  await stage.settle()
  expect(stage.names().slice(6)).toEqual(['show 1', 'show 2', 'show 3', 'show 4', 'show 5'])
})

test('an event that left the log cannot be delivered, and old deliveries are removed', async () => {
  await stage.addWebhook('wh_one')
  await stage.record('show')
  await stage.record('show')
  await stage.store.events.removeBeyond(1, 10)
  await stage.settle()
  expect(stage.names()).toEqual(['show 2'])
  expect(await statesOf('wh_one')).toEqual(['failed', 'delivered'])
  expect(await stage.deliveryLog.removeOld(0, 10)).toBe(1)
  expect(await stage.deliveryLog.removeOld(stage.now() + 1000, 10)).toBe(1)
  expect(await statesOf('wh_one')).toEqual([])
})
