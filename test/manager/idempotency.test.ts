import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fastify } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CreatedChannelView, StreamKeyView } from '../../core/api/channel.ts'
import type { TokenView } from '../../core/api/playback-token.ts'
import type { ProblemBody } from '../../core/api/problem.ts'
import { createLog } from '../../core/process/log.ts'
import { createKeySeal } from '../../manager/channels/key-seal.ts'
import { Problem } from '../../manager/http/problem.ts'
import { sendProblem } from '../../manager/http/problem-handlers.ts'
import { keepResponses } from '../../manager/idempotency/keep-responses.ts'
import { openStore, type Store } from '../../manager/store/store.ts'
import { startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { startRedis, type TestRedis } from '../kit/redis.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'

const log = createLog('test', 'error', { write: () => {} })
let server: TestRedis
let manager: TestManager
let directory: TempDir
let store: Store

beforeAll(async () => {
  directory = makeTempDir()
  server = await startRedis()
  manager = await startTestManager(server.url, { NOWCAST_DATA_DIR: join(directory.path, 'manager') })
  store = await openStore({ databaseUrl: undefined, dataDir: directory.path }, log)
})
afterAll(async () => {
  await manager?.close()
  await store?.close()
  await server?.stop()
  directory?.remove()
})

const post = <Body>(url: string, body: unknown, key: string) =>
  manager.post<Body>(url, body, { 'idempotency-key': key })

test('a repetition gets the same response, and nothing is done again', async () => {
  const first = await post<CreatedChannelView>('/v1/channels', { slug: 'once' }, 'a')
  const again = await post<CreatedChannelView>('/v1/channels', { slug: 'once' }, 'a')
  expect([first.status, first.headers['idempotent-replayed']]).toEqual([201, undefined])
  expect([again.status, again.text, again.headers['idempotent-replayed']]).toEqual([201, first.text, 'true'])
  for (const name of ['location', 'etag', 'content-type'])
    expect(again.headers[name]).toBe(first.headers[name] ?? 'missing')

  const path = '/v1/channels/once/stream-key'
  const rotated = await post<StreamKeyView>(path, undefined, 'b')
  expect((await post<StreamKeyView>(path, undefined, 'b')).body).toEqual(rotated.body)
  expect((await manager.get(path)).body).toEqual(rotated.body)
  const token = await post<TokenView>('/v1/channels/once/playback-tokens', {}, 'c')
  const tokenAgain = await post<TokenView>('/v1/channels/once/playback-tokens', undefined, 'c')
  expect([tokenAgain.text, tokenAgain.headers['cache-control']]).toEqual([token.text, 'no-store'])
  expect((await manager.post<TokenView>('/v1/channels/once/playback-tokens')).text).not.toBe(token.text)

  const data = ['', '-wal'].map((end) =>
    readFileSync(join(directory.path, `manager/nowcast.db${end}`), 'latin1'),
  )
  for (const secret of [first.body.streamKey, rotated.body.streamKey, token.body.token])
    expect(data.join('')).not.toContain(secret)
})

test('a key is refused for another request, and one that is too long for any', async () => {
  const { status } = await post('/v1/channels', { slug: 'one' }, 'd')
  expect(status).toBe(201)
  for (const [url, body] of [
    ['/v1/channels', { slug: 'two' }],
    ['/v1/channels/one/stream-key', undefined],
  ] as const) {
    const other = await post<ProblemBody>(url, body, 'd')
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused'])
  }
  for (const key of ['x'.repeat(256), 'two words', '']) {
    const bad = await post<ProblemBody>('/v1/channels', { slug: 'three' }, key)
    expect([bad.status, bad.body.field]).toEqual([400, 'idempotency-key'])
  }
  expect((await post('/v1/channels', { slug: 'three' }, '!'.repeat(255))).status).toBe(201)
})

test('a request that failed may be repeated with its key', async () => {
  await manager.createChannel('taken')
  expect((await post('/v1/channels', { slug: 'taken' }, 'e')).status).toBe(409)
  expect((await post('/v1/channels', { slug: '-' }, 'e')).status).toBe(400)
  await manager.delete('/v1/channels/taken')
  expect((await post('/v1/channels', { slug: 'taken' }, 'e')).status).toBe(201)
})

/** A server with one route, whose requests wait until the test answers them. */
async function createGatedServer(secret = 'a secret of these tests that is long enough') {
  const app = fastify()
  const waiting: ((answer: unknown) => void)[] = []
  app.setErrorHandler<Problem>((error, _request, reply) => sendProblem(reply, error))
  const principalOf = ({ headers }: { headers: Record<string, unknown> }) =>
    headers.from as string | undefined
  keepResponses(app, { store: store.keptResponses, seal: createKeySeal(secret, 'test'), principalOf, log })
  app.post('/things', async (_request, reply) => {
    const answer = await new Promise((resolve) => waiting.push(resolve))
    if (answer instanceof Error) throw answer
    return reply.code(201).send(answer)
  })
  // Without `await`, the request would begin only when the test awaits its response.
  const send = async (key: string, from: string | undefined = 'a') =>
    await app.inject({
      method: 'POST',
      url: '/things',
      headers: { 'idempotency-key': key, ...(from && { from }) },
    })
  /** Answers the oldest request that waits. */
  const answer = async (body: unknown) => {
    await waitFor('request', async () => waiting.length > 0)
    waiting.shift()?.(body)
  }
  return { app, send, answer, waiting }
}

test('a request whose first one is not finished gets 409, and its response afterwards', async () => {
  const { send, answer, waiting } = await createGatedServer()
  const first = send('slow')
  await waitFor('request', async () => waiting.length > 0)
  const early = await send('slow')
  expect([early.statusCode, early.json().code, early.headers['retry-after']]).toEqual([
    409,
    'idempotency_key_in_use',
    '1',
  ])
  await answer({ number: 1 })
  await first
  expect((await send('slow')).json()).toEqual({ number: 1 })
  const other = send('slow', 'b')
  await answer({ number: 2 })
  expect((await other).json()).toEqual({ number: 2 })
})

test('failures are not kept, nor are responses too large to keep', async () => {
  const { send, answer } = await createGatedServer()
  for (const failure of [
    new Error('broken'),
    new Problem('revocation_pending', 'later'),
    'x'.repeat(70_000),
  ]) {
    const failed = send('failed')
    await answer(failure)
    await failed
  }
  const succeeded = send('failed')
  await answer({ number: 4 })
  expect((await succeeded).headers).not.toHaveProperty('idempotent-replayed')
  expect((await send('failed')).headers).toHaveProperty('idempotent-replayed', 'true')
})

test('a client that lost its connection gets the response with the next request', async () => {
  const { app, send, answer, waiting } = await createGatedServer()
  const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port)
  const socket = connect(port, '127.0.0.1')
  socket.write(
    'POST /things HTTP/1.1\r\nhost: x\r\nfrom: a\r\nidempotency-key: lost\r\ncontent-length: 0\r\n\r\n',
  )
  await waitFor('request', async () => waiting.length > 0)
  socket.destroy()
  await answer({ number: 5 })
  await waitFor('response', async () => (await send('lost')).statusCode === 201)
  expect((await send('lost')).json()).toEqual({ number: 5 })
  await app.close()
})

test('a response that was sealed with another cluster secret is refused, and not made again', async () => {
  const { send, answer } = await createGatedServer()
  const first = send('sealed')
  await answer({ number: 6 })
  await first
  const other = await createGatedServer('another secret of these tests that is long enough')
  expect((await other.send('sealed')).json()).toMatchObject({ code: 'idempotency_key_reused' })
  expect(other.waiting).toEqual([])
})
