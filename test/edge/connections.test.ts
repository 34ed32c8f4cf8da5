import type { Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EdgeLine, startEdgeLine } from '../kit/edge/edge-line.ts'
import { get } from '../kit/http/client.ts'
import { openRaw } from '../kit/http/raw-connection.ts'
import { waitFor } from '../kit/wait-for.ts'

let line: EdgeLine
beforeAll(async () => {
  line = await startEdgeLine({ NOWCAST_EDGE_MAX_CONNECTIONS: '20' })
})
afterAll(() => line.close())

const open = async (text = '', url = line.url): Promise<Socket> => (await openRaw(url, text)).socket

test('connections beyond the limit are closed on arrival until others leave', async () => {
  const all = await Promise.all(Array.from({ length: 25 }, () => open()))
  await waitFor('five to be closed', () => all.filter((each) => each.closed).length === 5, { everyMs: 5 })
  for (const each of all) each.destroy()
  await waitFor('room', async () => (await get(`${line.url}/healthz`)).status === 200, { everyMs: 20 })
})

test('a head that is too large, or not HTTP, is refused', async () => {
  for (const text of [
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    'SSH-2.0-OpenSSH_9.6\r\n',
    '\0\0\0\0\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ]) {
    const socket = await open(text)
    await waitFor('the connection to end', () => socket.closed, { everyMs: 5 })
  }
  expect((await get(`${line.url}/healthz`)).status).toBe(200)
})

test('a client that pipelines held reloads takes only one place', async () => {
  line.origin.otherwise(() => {})
  const requests: string[] = []
  for (let n = 0; n < 40; n += 1) {
    const { base } = await line.goLive(`pipe-${n}`)
    requests.push(`GET ${base}/720p.m3u8?_HLS_msn=1 HTTP/1.1\r\nHost: a\r\n\r\n`)
  }
  const socket = await open(requests.join(''))
  await waitFor('the first to wait', async () => (await line.metric('waiting_requests')) === 1)
  // The responses to others show that the edge has had the time to read on.
  for (let n = 0; n < 20; n += 1) expect((await get(`${line.url}/healthz`)).status).toBe(200)
  expect(await line.metric('waiting_requests')).toBe(1)
  socket.destroy()
  await waitFor('the places', async () => (await line.metric('waiting_requests')) === 0)
})

test('metrics are for clients on this machine, not for those of a proxy, and are kept for a moment', async () => {
  const ask = (headers = {}) => get(`${line.url}/metrics`, { headers })
  expect((await ask()).status).toBe(200)
  for (const field of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'])
    expect((await ask({ [field]: '192.0.2.1' })).status, field).toBe(404)
  expect((await ask()).body.toString()).not.toMatch(/process_open_fds|nodejs_active_/)
  const elsewhere = await startEdgeLine({ NOWCAST_INTERNAL_HOST: '192.0.2.9' })
  expect((await get(`${elsewhere.url}/metrics`)).status, 'another address').toBe(404)
  expect((await get(`${elsewhere.url}/healthz`)).status).toBe(200)
  await elsewhere.close()
})

test('an address at its limit gets no more connections until it closes some', async () => {
  const few = await startEdgeLine({ NOWCAST_EDGE_MAX_CONNECTIONS_PER_ADDRESS: '5' })
  const all = await Promise.all(Array.from({ length: 8 }, () => open('', few.url)))
  await waitFor('three to be closed', () => all.filter((each) => each.closed).length === 3, { everyMs: 5 })
  for (const each of all) each.destroy()
  await waitFor('room', async () => (await few.metric('connections_refused_total')) >= 3, { everyMs: 20 })
  await few.close()
})

// The next two tests wait for the deadline of a request head, 5 s, so they run concurrently.
test.concurrent('connections with incomplete requests are closed, and others are served meanwhile', async () => {
  const slow = await Promise.all([
    open('GET /live/demo/index.m3u8 HTTP/1.1\r\nHost: a\r\nX-Slow: '),
    open('GET /live/demo/index.m3u8 HTTP/1.1\r\n'),
    open('POST /live/demo/index.m3u8 HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nnever more'),
  ])
  expect((await get(`${line.url}/live/demo/index.m3u8`)).status).toBe(404)
  await waitFor('all to be cut', () => slow.every((each) => each.closed))
})

test.concurrent('a connection whose head comes too slowly is closed, byte by byte or not', async () => {
  const socket = await open('GET /live/demo/index.m3u8 HTTP/1.1\r\nHost: a\r\nX-Slow: ')
  const trickle = setInterval(() => socket.write('x'), 100)
  await waitFor('it to be cut', () => socket.closed)
  clearInterval(trickle)
})
