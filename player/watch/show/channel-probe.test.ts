import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ProbeResult, probeChannel, probeWithRenewal, readMultivariant } from './channel-probe.ts'

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
])('%s', async (path, result) => {
  expect(await probe(path)).toEqual(result)
})

test('a server that does not listen is unreachable', async () => {
  expect(await probeChannel('http://127.0.0.1:9/', new AbortController().signal)).toEqual({
    kind: 'unreachable',
  })
})

test('an abort rejects', async () => {
  const abort = new AbortController()
  abort.abort(new Error('left'))
  await expect(probeChannel(`${base}/200`, abort.signal)).rejects.toThrow()
})

test('a body that is not a playlist counts as unreachable', () => {
  expect(readMultivariant('<html>')).toEqual({ kind: 'unreachable' })
})

const token = (count: number) => `http://edge.test/live/t/token${count}/demo/index.m3u8`
const live: ProbeResult = { kind: 'live', playlist: '#EXTM3U', session: 's_1' }

/** Creates an address whose first renewal succeeds. Later ones fail. */
function createAddress() {
  const address = {
    urls: [token(0)] as [string, ...string[]],
    renew: async () => {
      const isRenewed = address.urls[0] === token(0)
      address.urls = [token(1)]
      return isRenewed
    },
  }
  return address
}

test('a refused token is replaced and the probe repeated, once', async () => {
  const address = createAddress()
  const asked: string[] = []
  const probeOnce = async (url: string): Promise<ProbeResult> => {
    asked.push(url)
    return url === token(1) ? live : { kind: 'forbidden' }
  }
  const renewing = probeWithRenewal(address, probeOnce)
  const { signal } = new AbortController()
  expect(await renewing(address.urls[0], signal)).toEqual(live)
  expect(asked).toEqual([token(0), token(1)])
  expect(await renewing(token(9), signal)).toEqual({ kind: 'forbidden' })
})

test('after a renewal the same edge is asked, also when edges differ by their paths only', async () => {
  const urls = ['a', 'b'].map((edge) => `https://tv.test/${edge}/live/t/token1/demo/index.m3u8`)
  const address = { urls: urls as [string, ...string[]], renew: async () => true }
  const asked: string[] = []
  const probeOnce = async (url: string): Promise<ProbeResult> => {
    asked.push(url)
    return { kind: 'forbidden' }
  }
  const former = 'https://tv.test/b/live/t/token0/demo/index.m3u8'
  await probeWithRenewal(address, probeOnce)(former, new AbortController().signal)
  expect(asked).toEqual([former, urls[1]])
})

test('a response that was requested early is used instead of a request', async () => {
  const { signal } = new AbortController()
  const early = Promise.resolve(new Response(playlist))
  expect(await probeWithRenewal(createAddress())('http://127.0.0.1:9/', signal, early)).toEqual({
    kind: 'live',
    playlist,
    session: 's_abc',
  })
})
