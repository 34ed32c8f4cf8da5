import { expect, test } from 'vitest'
import { writeStartBundle } from '../../../core/playback/start-bundle.ts'
import { startHeadStart } from './head-start.ts'

const url = 'http://edge.example/live/show/index.m3u8'
const at = (path: string) => `http://edge.example/live/show/${path}`
const multivariant = `#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",DEFAULT=YES,URI="s_1/audio.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=500000,RESOLUTION=426x240,AUDIO="a"
s_1/240p.m3u8
`
const media = (rendition: string, parts: number) => `#EXTM3U
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1
#EXT-X-MEDIA-SEQUENCE:4
#EXT-X-MAP:URI="1/${rendition}/init.mp4"
${Array.from({ length: parts }, (_, n) => `#EXT-X-PART:DURATION=0.5,URI="1/${rendition}/4.${n}.m4s"${n === 0 ? ',INDEPENDENT=YES' : ''}`).join('\n')}
`

/** Returns the URL without its CMCD parameter, which the expected URLs do not contain. */
function nameOf(target: string): string {
  const bare = new URL(target)
  bare.searchParams.delete('CMCD')
  return bare.href
}

/**
 * A server with these bodies, by URL. A blocking reload (`_HLS_…`) of a version that it does not have gets no
 * response; any other unknown URL gets a 404.
 */
function createServer(bodies: Record<string, string>) {
  const asked: string[] = []
  const pending = new Map<string, () => void>()
  const fetch = async (target: unknown) => {
    const name = nameOf(String(target))
    asked.push(name)
    pending.get(name)?.()
    const body = bodies[name]
    if (body === undefined && name.includes('_HLS_')) return new Promise<Response>(() => {})
    return new Response(body ?? 'none', { status: body === undefined ? 404 : 200 })
  }
  const untilAsked = (name: string) =>
    asked.includes(name) ? undefined : new Promise<void>((resolve) => pending.set(name, resolve))
  return { fetch: fetch as typeof globalThis.fetch, asked, untilAsked }
}

const bundleUrl = at('start-1500-0.bin')
const bundle = Buffer.concat(
  writeStartBundle({ rendition: '240p', backMs: 1000 }, [
    ['index.m3u8', Buffer.from(multivariant)],
    ['s_1/240p.m3u8', Buffer.from(media('240p', 3))],
    ['s_1/audio.m3u8', Buffer.from(media('audio', 3))],
    ['s_1/1/240p/init.mp4', Buffer.from('init')],
    ['s_1/1/240p/4.0.m4s', Buffer.from('part 0')],
  ]),
).toString()
const live = {
  [bundleUrl]: bundle,
  [at('s_1/240p.m3u8?_HLS_msn=4&_HLS_part=3')]: media('240p', 4),
  [at('s_1/1/240p/4.3.m4s')]: 'part 3',
}
const start = (server: ReturnType<typeof createServer>) =>
  startHeadStart({
    url,
    viewerId: 'me',
    start: { rate: 1500, distance: 0 },
    rttMs: 10,
    video: new EventTarget() as HTMLVideoElement,
    fetch: server.fetch,
  })
const textOf = async (body: Promise<{ data: ArrayBuffer }> | undefined) =>
  new TextDecoder().decode((await body)?.data)

test('one request brings all that playback needs to begin, and each file is handed over once', async () => {
  const server = createServer(live)
  const headStart = start(server)
  expect(await (await headStart.multivariant).text()).toBe(multivariant)
  await headStart.ready
  expect(headStart.variantUrl()).toBe(at('s_1/240p.m3u8'))
  expect(await textOf(headStart.take(at('s_1/1/240p/init.mp4')))).toBe('init')
  expect(await textOf(headStart.take(at('s_1/1/240p/4.0.m4s')))).toBe('part 0')
  expect(headStart.take(at('s_1/1/240p/4.0.m4s'))).toBeUndefined()
  expect(server.asked[0]).toBe(bundleUrl)
  headStart.close()
})

test('each newer version of a playlist and the media in it are available under their URLs', async () => {
  const server = createServer(live)
  const headStart = start(server)
  await server.untilAsked(at('s_1/240p.m3u8?_HLS_msn=4&_HLS_part=4'))
  expect(await textOf(headStart.take(at('s_1/240p.m3u8')))).toBe(media('240p', 3))
  const delta = at('s_1/240p.m3u8?_HLS_msn=4&_HLS_part=3&_HLS_skip=YES&CMCD=sid%3D1')
  expect(await textOf(headStart.take(delta))).toBe(media('240p', 4))
  expect(await textOf(headStart.take(at('s_1/1/240p/4.3.m4s')))).toBe('part 3')
  expect(new Set(server.asked).size).toBe(server.asked.length)
  headStart.close()
})

test('a reload in progress is handed over', async () => {
  const server = createServer(live)
  const headStart = start(server)
  await server.untilAsked(at('s_1/240p.m3u8?_HLS_msn=4&_HLS_part=4'))
  expect(headStart.take(at('s_1/240p.m3u8?_HLS_msn=4&_HLS_part=4&_HLS_skip=YES'))).toBeInstanceOf(Promise)
  expect(headStart.take(at('s_1/240p.m3u8?_HLS_msn=4&_HLS_part=5&_HLS_skip=YES'))).toBeUndefined()
  headStart.close()
})

test('a failed reload ends the following of its playlist, and nothing is requested again', async () => {
  const server = createServer(live)
  const failed = at('s_1/240p.m3u8?_HLS_msn=4&_HLS_part=4')
  const fetch = async (target: unknown) => {
    const response = server.fetch(String(target))
    return nameOf(String(target)) === failed ? Promise.reject(new TypeError('network')) : response
  }
  const headStart = start({ ...server, fetch: fetch as typeof globalThis.fetch })
  await server.untilAsked(failed)
  await headStart.ready
  await new Promise(setImmediate)
  expect(server.asked.filter((name) => name === url)).toEqual([])
  headStart.close()
})

test('without a start bundle the multivariant playlist is requested, and no more', async () => {
  const server = createServer({ [url]: multivariant })
  const headStart = start(server)
  expect(await (await headStart.multivariant).text()).toBe(multivariant)
  await headStart.ready
  expect(server.asked).toEqual([bundleUrl, url])
})

test('when the channel is not live, the response to the multivariant playlist says so', async () => {
  const server = createServer({})
  expect((await start(server).multivariant).status).toBe(404)
})
