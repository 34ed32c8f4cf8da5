import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { newWebhookSecret, signedHeaders } from './signature.ts'

const body = '{"type":"channel.created","channel":"größe"}'

test('the library of Standard Webhooks accepts the signature with each secret, and no other', () => {
  const [current, previous, other] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()]
  const headers = signedHeaders('evt_1', Date.now(), body, [current, previous])
  for (const secret of [current, previous])
    expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body))
  expect(() => new Webhook(other).verify(body, headers)).toThrow()
  expect(() => new Webhook(current).verify(`${body} `, headers)).toThrow()
  expect(() => new Webhook(current).verify(body, { ...headers, 'webhook-id': 'evt_2' })).toThrow()
})

test('the signature is that of the example of the specification', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
  const headers = signedHeaders(id, 1_614_265_330_000, '{"test": 2432232314}', [secret])
  expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})

test('secrets have 256 bits and differ', () => {
  expect(newWebhookSecret()).toMatch(/^whsec_[\w+/]{43}=$/)
  expect(newWebhookSecret()).not.toBe(newWebhookSecret())
})
