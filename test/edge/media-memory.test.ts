import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EdgeLine, startEdgeLine } from '../kit/edge/edge-line.ts'
import { mediaReply } from '../kit/edge/fake-origin.ts'
import { makeCertificate } from '../kit/http/certificates.ts'
import { get, openResponse } from '../kit/http/client.ts'
import { connectHttp2 } from '../kit/http/http2-client.ts'
import { makeTempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'

const directory = makeTempDir()
const mb = 2 ** 20
const cacheMb = 64
let plain: EdgeLine
let secure: EdgeLine
beforeAll(async () => {
  const { cert, key } = makeCertificate(directory.path, 'memory')
  plain = await startEdgeLine({ NOWCAST_EDGE_CACHE_MB: String(cacheMb) })
  secure = await startEdgeLine({
    NOWCAST_EDGE_CACHE_MB: String(cacheMb),
    NOWCAST_TLS_CERT: cert,
    NOWCAST_TLS_KEY: key,
  })
})
afterAll(async () => {
  await plain?.close()
  await secure?.close()
  directory.remove()
})

type Request = (url: string) => Promise<Readable>

async function requestHttp2(url: string): Promise<Readable> {
  const { origin, pathname } = new URL(url)
  const session = connectHttp2(origin)
  const stream = session.request({ ':path': pathname })
  stream.once('close', () => session.close())
  await once(stream, 'response')
  return stream
}

const ways: [name: string, line: () => EdgeLine, request: Request][] = [
  ['the hot path', () => plain, (url) => openResponse(url, { headers: { connection: 'keep-alive' } })],
  ['node:http', () => plain, (url) => openResponse(url)],
  ['HTTPS', () => secure, (url) => openResponse(url)],
  ['HTTP/2', () => secure, requestHttp2],
]

test.each(ways)('a slow client gets evicted media complete: %s', async (name, lineOf, request) => {
  const line = lineOf()
  const { base } = await line.goLive(name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'))
  const targets = Array.from({ length: 1 + Math.ceil(cacheMb / 12) }, (_, n) => `${base}/1/720p/${n}.m4s`)
  const media = randomBytes(15 * mb)
  const [wanted = '', ...others] = targets
  line.origin.on(wanted, mediaReply(media))
  for (const other of others) line.origin.on(other, mediaReply(Buffer.alloc(12 * mb)))

  const reader = await request(line.url + wanted)
  reader.pause()
  for (const other of others) await get(line.url + other)
  await waitFor('only the media in transit to be kept', async () => {
    return (await line.metric('cache_retired_objects')) === 1
  })
  const heard: Buffer[] = []
  reader.on('data', (chunk: Buffer) => heard.push(chunk))
  reader.resume()
  await once(reader, 'end')
  expect(Buffer.concat(heard).equals(media)).toBe(true)
  await waitFor('all of it to be freed', async () => {
    return (await line.metric('cache_retired_objects')) === 0
  })
  expect(line.origin.asked(wanted), 'it was available all the time').toBe(1)
})
