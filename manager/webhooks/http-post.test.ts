import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createAddressPolicy } from './address-policy.ts'
import { createPost } from './http-post.ts'

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

/** Starts an endpoint on the loopback. Returns its port. */
async function endpoint(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  open.push(() => {
    server.close()
    server.closeAllConnections()
  })
  await new Promise((resolve) => server.once('listening', resolve))
  return (server.address() as AddressInfo).port
}

const loopback = createAddressPolicy(['127.0.0.1'])
const never = new AbortController().signal

test('the name is resolved once, and the connection goes to a permitted address of it', async () => {
  const hosts: (string | undefined)[] = []
  const port = await endpoint((request, response) => {
    hosts.push(request.headers.host)
    response.writeHead(201).end('thanks')
  })
  const names: string[] = []
  const resolve = async (name: string) => {
    names.push(name)
    return ['10.0.0.1', '::1', '127.0.0.1'].map((address) => ({ address }))
  }
  const outcome = await createPost(loopback, resolve)(`http://hook.example:${port}/a?b`, '{}', {}, never)
  expect(outcome).toEqual({ status: 201, error: null, retryAfter: undefined })
  expect([names, hosts]).toEqual([['hook.example'], [`hook.example:${port}`]])
})

test.each([
  'http://127.0.0.1',
  'http://localhost',
  'http://[::1]',
  'http://0x7f.1',
  'http://[::ffff:127.0.0.1]',
])('nothing is sent to %s when the operator does not allow it', async (origin) => {
  const seen: unknown[] = []
  const port = await endpoint((request) => void seen.push(request.url))
  const outcome = await createPost(createAddressPolicy([]))(`${origin}:${port}/`, '{}', {}, never)
  expect([outcome.status, outcome.error, seen]).toEqual([null, 'address_refused', []])
})

test('a redirect is not followed', async () => {
  const paths: (string | undefined)[] = []
  const port = await endpoint((request, response) => {
    paths.push(request.url)
    response.writeHead(307, { location: '/other' }).end()
  })
  expect(await createPost(loopback)(`http://127.0.0.1:${port}/`, '{}', {}, never)).toMatchObject({
    status: 307,
  })
  expect(paths).toEqual(['/'])
})

test('a body without an end does not keep the attempt', async () => {
  const port = await endpoint((_, response) => {
    response.writeHead(200, { 'retry-after': '7' })
    response.write(Buffer.alloc(100_000))
  })
  expect(await createPost(loopback)(`http://127.0.0.1:${port}/`, '{}', {}, never)).toEqual({
    status: 200,
    error: null,
    retryAfter: '7',
  })
})

test('an endpoint that does not respond, refuses, or is not found has no status but a word', async () => {
  const port = await endpoint(() => {})
  const late = createPost(loopback, undefined, 50)
  expect(await late(`http://127.0.0.1:${port}/`, '{}', {}, never)).toMatchObject({ error: 'timeout' })
  const stuck = createPost(loopback, () => new Promise(() => {}), 50)
  expect(await stuck('http://hook.example/', '{}', {}, never)).toMatchObject({ error: 'timeout' })
  const post = createPost(loopback)
  expect(await post('http://127.0.0.1:1/', '{}', {}, never)).toMatchObject({ error: 'ECONNREFUSED' })
  const closing = new AbortController()
  const aborted = post(`http://127.0.0.1:${port}/`, '{}', {}, closing.signal)
  closing.abort()
  expect(await aborted).toMatchObject({ status: null, error: 'aborted' })
})
