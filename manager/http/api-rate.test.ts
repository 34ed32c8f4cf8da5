import { fastify } from 'fastify'
import { expect, test } from 'vitest'
import { createApiRate } from './api-rate.ts'
import type { Problem } from './problem.ts'
import { sendProblem } from './problem-handlers.ts'

function createApp(perWindow: number, maxPrincipals?: number) {
  const clock = { ms: 0 }
  const app = fastify()
  const principalOf = ({ headers }: { headers: Record<string, unknown> }) =>
    headers.from as string | undefined
  const options = { now: () => clock.ms, ...(maxPrincipals === undefined ? {} : { maxPrincipals }) }
  app.addHook('onRequest', createApiRate(perWindow, principalOf, options))
  app.setErrorHandler<Problem>((error, _request, reply) => sendProblem(reply, error))
  app.get('/', () => 'ok')
  const get = async (from?: string) => {
    const { statusCode, headers } = await app.inject({
      url: '/',
      headers: from === undefined ? {} : { from },
    })
    return { status: statusCode, rate: headers.ratelimit, headers }
  }
  return { clock, get }
}

test('each response says what is left, and when all is there again', async () => {
  const { clock, get } = createApp(120)
  const { headers, rate } = await get('a')
  expect(headers['ratelimit-policy']).toBe('"api";q=120;w=60')
  expect(rate).toBe('"api";r=119;t=1')
  for (let count = 0; count < 9; count++) await get('a')
  expect((await get('a')).rate).toBe('"api";r=109;t=6')
  clock.ms = 5000
  expect((await get('a')).rate).toBe('"api";r=118;t=1')
})

test('a principal without anything left is refused until there is, and others are not', async () => {
  const { clock, get } = createApp(2)
  expect([(await get('a')).status, (await get('a')).status]).toEqual([200, 200])
  const refused = await get('a')
  expect([refused.status, refused.headers['retry-after'], refused.rate]).toEqual([
    429,
    '30',
    '"api";r=0;t=60',
  ])
  expect((await get('b')).status).toBe(200)
  clock.ms = 29_000
  expect([(await get('a')).status, (await get('a')).headers['retry-after']]).toEqual([429, '1'])
  clock.ms = 30_000
  expect((await get('a')).status).toBe(200)
})

test('requests without a principal, and those without a limit, are not counted', async () => {
  for (const [limit, from] of [
    [1, undefined],
    [0, 'a'],
  ] as const) {
    const { get } = createApp(limit)
    for (let count = 0; count < 3; count++) {
      const { status, headers } = await get(from)
      expect([status, headers.ratelimit]).toEqual([200, undefined])
    }
  }
})

test('remembers a bounded number of principals', async () => {
  const { get } = createApp(1, 2)
  for (const from of ['a', 'b', 'c']) await get(from)
  expect((await get('c')).status).toBe(429)
  expect((await get('a')).status).toBe(200)
})
