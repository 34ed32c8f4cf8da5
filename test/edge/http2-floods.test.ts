import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deadlines } from '../../core/connections/deadlines.ts'
import { listen } from '../../core/process/http-server.ts'
import { createSlowClients } from '../../edge/http/slow-clients.ts'
import { http2Exchange } from '../../edge/tls/http2-exchange.ts'
import { createSecureFront } from '../../edge/tls/secure-front.ts'
import { type EdgeLine, startEdgeLine } from '../kit/edge/edge-line.ts'
import { makeCertificate } from '../kit/http/certificates.ts'
import { ask, connectHttp2 } from '../kit/http/http2-client.ts'
import { endHeaders, endStream, frame, opening, ping, requestFields } from '../kit/http/http2-frames.ts'
import { openRaw } from '../kit/http/raw-connection.ts'
import { makeTempDir } from '../kit/temp-dir.ts'

const directory = makeTempDir()
let line: EdgeLine

beforeAll(async () => {
  const { cert, key } = makeCertificate(directory.path, 'flooded')
  line = await startEdgeLine({ NOWCAST_TLS_CERT: cert, NOWCAST_TLS_KEY: key })
})
afterAll(async () => {
  await line?.close()
  directory.remove()
})

/**
 * Opens an HTTP/2 connection and sends the preface and SETTINGS. The test itself writes all further frames.
 */
function openFrames() {
  return openRaw(line.url, opening(), ['h2'])
}

const request = requestFields('GET', '/live/x/index.m3u8')

test.each([
  ['PING', ping],
  ['SETTINGS', () => frame(4, 0, 0)],
  ['PRIORITY', () => frame(2, 0, 1, Buffer.from([0, 0, 0, 0, 1]))],
  ['WINDOW_UPDATE', () => frame(8, 0, 0, Buffer.from([0, 0, 0, 1]))],
  ['CONTINUATION', () => frame(9, 0, 1, Buffer.alloc(0))],
  [
    'streams that are cancelled',
    (n: number) =>
      Buffer.concat([
        frame(1, endStream | endHeaders, 2 * n + 1, request),
        frame(3, 0, 2 * n + 1, Buffer.from([0, 0, 0, 8])),
      ]),
  ],
])('a flood of %s ends the connection, and others are served meanwhile', async (what, make) => {
  const viewer = connectHttp2(line.url)
  expect((await ask(viewer, '/healthz')).status).toBe(200)
  const { socket, closed } = await openFrames()
  if (what === 'CONTINUATION') socket.write(frame(1, endStream, 1, request))
  for (let n = 0; socket.writable && n < 2000; n += 1) {
    socket.write(Buffer.concat(Array.from({ length: 200 }, (_, i) => make(200 * n + i))))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await closed
  expect((await ask(viewer, '/healthz')).status).toBe(200)
  viewer.destroy()
})

test('a stream that is not read is closed, and its connection stays open', async () => {
  const now = () => performance.now()
  const slowClients = createSlowClients(300, now)
  const { cert, key } = makeCertificate(directory.path, 'slow')
  // A paused client does not notice the end of its stream, so the test waits for the end at the server.
  const cut = Promise.withResolvers<void>()
  const front = createSecureFront({
    files: { cert: readFileSync(cert), key: readFileSync(key) },
    onRequest(stream, headers, client) {
      const exchange = http2Exchange(stream, headers, client, slowClients)
      if (exchange.target === '/long') stream.once('close', cut.resolve)
      exchange.send(200, [], Buffer.alloc(exchange.target === '/long' ? 3 << 20 : 10))
    },
    toHttp1: (socket) => void socket.destroy(),
    now,
    deadlines: deadlines.edge,
  })
  front.server.on('connection', front.take)
  const port = await listen(front.server, '127.0.0.1', 0, 'test')
  const session = connectHttp2(`https://127.0.0.1:${port}`)
  const stuck = session.request({ ':path': '/long' })
  stuck.on('error', () => {})
  await cut.promise
  expect(slowClients.cut).toBe(1)
  expect((await ask(session, '/short')).body.length).toBe(10)
  session.destroy()
  front.destroy()
  front.server.close()
  slowClients.close()
})
