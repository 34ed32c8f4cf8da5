import { once } from 'node:events'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mediaReply, playlistReply } from '../kit/edge/fake-origin.ts'
import { createOddRequests } from '../kit/edge/odd-requests.ts'
import { agree, exchangeBytes, startTwinServers } from '../kit/edge/twin-servers.ts'
import { fieldOf, openPlayerConnection, type RawResponse, statusOf } from '../kit/http/player-connection.ts'
import { waitFor } from '../kit/wait-for.ts'

let twins: Awaited<ReturnType<typeof startTwinServers>>
let playlist: string
let segment: string
let large: string
const text = `#EXTM3U\n${'#EXTINF:2,\n1.m4s\n'.repeat(90)}`
beforeAll(async () => {
  twins = await startTwinServers()
  const { origin, base } = twins
  playlist = `${base}/720p.m3u8`
  segment = `${base}/1/720p/1.m4s`
  large = `${base}/1/720p/2.m4s`
  origin.on('/live/demo/index.m3u8', playlistReply(`#EXTM3U\n${'#EXT-X-STREAM-INF\n'.repeat(30)}`, 60))
  origin.on(playlist, playlistReply(text, 60))
  origin.on(segment, mediaReply(Buffer.from('0123456789'.repeat(50))))
  origin.on(large, mediaReply(Buffer.alloc(40_000, 'abcdefg')))
  for (const target of ['/live/demo/index.m3u8', playlist, segment, large]) await ask(target)
})
afterAll(() => twins.close())

const requestOf = (target: string, ...fields: string[]) =>
  [`GET ${target} HTTP/1.1`, 'Host: a', ...fields, '', ''].join('\r\n')

const openViewer = () => openPlayerConnection(`http://127.0.0.1:${twins.ports.hot}`)

async function ask(target: string, ...fields: string[]): Promise<RawResponse> {
  const { socket, ask } = await openViewer()
  const response = await ask(requestOf(target, ...fields))
  socket.destroy()
  return response
}

test('the hot path responds or closes as node:http does, whatever is sent', async () => {
  const { ports, hot, base } = twins
  const targets = [
    '/live/demo/index.m3u8',
    playlist,
    segment,
    large,
    `${playlist}?token=a&CMCD=br%3D900`,
    `${playlist}?_HLS_part=1`,
    '/live/other/index.m3u8',
    `${base}/720p.m3u8/`,
  ]
  const odd = createOddRequests(20_240_607, targets)
  const connections = Array.from({ length: 3000 }, () => odd.connection())
  const handedOver = hot.handedOver
  let answered = 0
  const work = connections.values()
  const worker = async () => {
    for (const { pieces, requests } of work) {
      const [ours, theirs] = await Promise.all([
        exchangeBytes(ports.hot, pieces),
        exchangeBytes(ports.plain, pieces),
      ])
      if (!agree(ours, theirs, requests)) expect({ pieces, ...ours }).toEqual({ pieces, ...theirs })
      if (ours.text.startsWith('HTTP/1.1 200 ')) answered += 1
    }
  }
  await Promise.all(Array.from({ length: 24 }, worker))
  expect(answered, 'many requests are valid').toBeGreaterThan(700)
  const kept = connections.length - (hot.handedOver - handedOver)
  expect(kept, 'many connections stay on the hot path').toBeGreaterThan(500)
})

test('a player stays on the hot path for misses, hits, playlists and media, whatever fields change', async () => {
  const { hot, origin, base } = twins
  const handedOver = hot.handedOver
  const viewer = await openViewer()
  const held = `${base}/720p.m3u8?_HLS_msn=7&_HLS_part=1`
  origin.on(held, (response) => void setTimeout(() => playlistReply('#held', 12)(response, held), 50))
  expect((await viewer.ask(requestOf(held))).body.toString()).toBe('#held')
  expect((await viewer.ask(requestOf(playlist))).body.toString()).toBe(text)
  const packed = await viewer.ask(requestOf(playlist, 'Accept-Encoding: gzip', 'User-Agent: b'))
  expect(gunzipSync(packed.body).toString()).toBe(text)
  expect((await viewer.ask(requestOf(playlist))).body.toString()).toBe(text)
  expect((await viewer.ask(requestOf(large))).body.length).toBe(40_000)
  expect(statusOf(await viewer.ask(requestOf(`${base}/1/720p/99.m4s`)))).toBe(404)
  const head = await viewer.ask(requestOf(large).replace('GET', 'HEAD'), false)
  expect([fieldOf(head, 'content-length'), head.body.length]).toEqual(['40000', 0])
  expect(hot.handedOver).toBe(handedOver)
  viewer.socket.destroy()
})

test('a viewer who has the playlist already gets a 304', async () => {
  const whole = await ask(playlist)
  const packed = await ask(playlist, 'Accept-Encoding: gzip')
  const etag = fieldOf(whole, 'etag') ?? ''
  const again = await ask(playlist, `If-None-Match: "other", W/${etag}`)
  expect([statusOf(again), again.body.length, fieldOf(again, 'etag')]).toEqual([304, 0, etag])
  expect(fieldOf(again, 'vary')).toBe('Accept-Encoding')
  expect(fieldOf(again, 'content-length')).toBeUndefined()
  expect(statusOf(await ask(playlist, `If-None-Match: ${fieldOf(packed, 'etag')}`))).toBe(200)
  expect(statusOf(await ask(playlist, 'If-None-Match: *'))).toBe(304)
})

test.each([
  ['bytes=0-9', 206, 'bytes 0-9/500', 10],
  ['bytes=490-', 206, 'bytes 490-499/500', 10],
  ['bytes=-5', 206, 'bytes 495-499/500', 5],
  ['bytes=-9999', 206, 'bytes 0-499/500', 500],
  ['bytes=499-9999', 206, 'bytes 499-499/500', 1],
  ['bytes=500-', 416, 'bytes */500', 0],
  ['bytes=-0', 416, 'bytes */500', 0],
  ['bytes=9-2', 200, undefined, 500],
  ['bytes=0-1,4-5', 200, undefined, 500],
  ['pages=1', 200, undefined, 500],
])('the response to Range: %s for a segment is %i', async (range, status, extent, length) => {
  const response = await ask(segment, `Range: ${range}`)
  expect([statusOf(response), fieldOf(response, 'content-range'), response.body.length]).toEqual([
    status,
    extent,
    length,
  ])
})

test('a range applies to the object in If-Range only, and to media only', async () => {
  const etag = fieldOf(await ask(segment), 'etag')
  expect(statusOf(await ask(segment, 'Range: bytes=0-9', `If-Range: ${etag}`))).toBe(206)
  expect(statusOf(await ask(segment, 'Range: bytes=0-9', 'If-Range: "other"'))).toBe(200)
  expect(statusOf(await ask(playlist, 'Range: bytes=0-9'))).toBe(200)
})

test('pipelined requests get their responses in order', async () => {
  const { origin, base, ports } = twins
  const slow = `${base}/1/720p/5.m4s`
  origin.on(slow, (response) => void setTimeout(() => mediaReply(Buffer.from('slow'))(response, slow), 100))
  const { text: heard } = await exchangeBytes(ports.hot, [
    requestOf(slow),
    requestOf(segment, 'Range: bytes=0-3'),
    requestOf(segment, 'Connection: close', 'Range: bytes=4-7'),
    ...Array<string>(100).fill(''),
  ])
  expect(
    heard
      .split('\r\n\r\n')
      .slice(1)
      .map((each) => each.slice(0, 4)),
  ).toEqual(['slow', '0123', '4567'])
})

test('requests before the end of a client are handled, also those that it has pipelined', async () => {
  const { text: heard } = await exchangeBytes(twins.ports.hot, [
    requestOf(segment, 'Range: bytes=0-3').repeat(300),
  ])
  expect(heard.split('HTTP/1.1 206').length - 1).toBe(300)
})

test('a client that pipelines thousands of requests and reads later gets each response complete', async () => {
  const { hot } = twins
  const accepted = once(hot.listener, 'connection')
  const { socket } = await openViewer()
  const [served] = await accepted
  socket.pause()
  const requested = 5000
  const requests = Buffer.from(requestOf(playlist).repeat(requested))
  socket.write(requests)
  const stuck = () => served.isPaused() && served._handle.writeQueueSize
  expect(await waitFor('the responses to fill all buffers', stuck), 'one response in transit').toBeLessThan(
    text.length + 1000,
  )
  const heard: Buffer[] = []
  socket.removeAllListeners('data')
  let bytes = 0
  socket.on('data', (chunk) => {
    heard.push(chunk)
    bytes += chunk.length
  })
  socket.resume()
  await waitFor('most of the responses', () => bytes >= requested * text.length)
  const responses = await waitFor('all of them', () => {
    const all = Buffer.concat(heard).toString('latin1').split('HTTP/1.1 200 OK\r\n').slice(1)
    return all.length === requested && all.at(-1)?.endsWith(text) && all
  })
  expect(responses.every((response) => response.endsWith(`\r\n\r\n${text}`))).toBe(true)
  socket.destroy()
})

test('a client that reads nothing has at most one response buffered', async () => {
  const { origin, base, hot } = twins
  const huge = `${base}/1/720p/6.m4s`
  const length = 15 << 20
  origin.on(huge, mediaReply(Buffer.alloc(length)))
  const accepted = once(hot.listener, 'connection')
  const { socket } = await openViewer()
  const [served] = await accepted
  socket.pause()
  socket.write(requestOf(huge))
  await waitFor('the first response', () => served.writableLength > 0, { everyMs: 5 })
  for (let n = 0; n < 5; n += 1) {
    socket.write(requestOf(huge))
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  expect(served.writableLength, 'one response and its head').toBeLessThan(length + 1000)
  let bytes = 0
  socket.removeAllListeners('data')
  socket.on('data', (chunk) => {
    bytes += chunk.length
  })
  socket.resume()
  await waitFor('all 6 responses', () => bytes > 6 * length)
  socket.destroy()
})
