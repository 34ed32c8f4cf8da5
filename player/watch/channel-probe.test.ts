import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { probeChannel, readMultivariant } from './channel-probe.ts'

const playlist = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\ns_abc/360p.m3u8\n'
const server = createServer((request, response) => {
  const status = Number(request.url?.slice(1))
  response.writeHead(status, { 'retry-after': '7' }).end(status === 200 ? playlist : '')
})
let base = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

const probe = (path: string) => probeChannel(`${base}${path}`, new AbortController().signal)

test.each([
  ['/200', { kind: 'live', playlist, session: 's_abc' }],
  ['/404', { kind: 'not_live', retryAfterMs: 7000 }],
  ['/503', { kind: 'full', retryAfterMs: 7000 }],
  ['/403', { kind: 'forbidden' }],
  ['/502', { kind: 'unreachable' }],
])('%s', async (path, answer) => {
  expect(await probe(path)).toEqual(answer)
})

test('a server that is not there is unreachable', async () => {
  expect(await probeChannel('http://127.0.0.1:9/', new AbortController().signal)).toEqual({
    kind: 'unreachable',
  })
})

test('an abort rejects', async () => {
  const abort = new AbortController()
  abort.abort(new Error('left'))
  await expect(probeChannel(`${base}/200`, abort.signal)).rejects.toThrow()
})

test('what is no playlist is no answer', () => {
  expect(readMultivariant('<html>')).toEqual({ kind: 'unreachable' })
})
