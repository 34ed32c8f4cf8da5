import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createModelChannel } from '../../../test/kit/model-channel/model-channel.ts'
import { modelPartMs } from '../../../test/kit/model-channel/model-media.ts'

/** Number of segments with which the channel begins, so that its playlists are full from the start. */
const firstSegments = 100
const partsPerSegment = 6
const firstParts = firstSegments * partsPerSegment

/** Maximum lead of a blocking reload, parts. One that is further ahead gets a 404. */
const maxLeadParts = 3 * partsPerSegment

/**
 * An origin that produces a low-latency channel in real time, holds blocking reloads, and counts requests.
 */
export interface LowLatencyOrigin {
  url: string
  /** Starts the channel. `base` is the path of the session, below which are the renditions. Called once. */
  begin(base: string): void
  /**
   * Returns when a part, or without `part` a whole segment, was or will be made, ms of `performance.now()`.
   */
  madeAt(msn: number, part?: number): number
  /** Number of parts made so far, including those that the channel begins with. */
  readonly parts: number
  /** Number of renditions, audio included. */
  readonly renditions: number
  /** Number of requests by path and query. */
  readonly requests: ReadonlyMap<string, number>
  /** Delays the next part and all later ones by `ms`, as a pause of the publisher does. */
  pause(ms: number): void
  /** Ends all connections and accepts no more until `revive`. The channel continues. */
  die(): Promise<void>
  revive(): Promise<void>
  stop(): Promise<void>
}

interface HeldReload {
  rendition: string
  isDelta: boolean
  /** Number of parts that must exist before the reload gets its response. */
  parts: number
  response: ServerResponse
}

export async function startLowLatencyOrigin(): Promise<LowLatencyOrigin> {
  const requests = new Map<string, number>()
  let held: HeldReload[] = []
  // Bodies are small, because crowd benches are about requests and not about traffic.
  const channel = createModelChannel({
    partsPerSegment,
    listedSegments: 10,
    startedAt: Date.now() - firstParts * modelPartMs,
  })
  let base = ''
  let port = 0
  const clock = createPartClock((parts) => {
    const ready = held.filter((each) => each.parts <= parts)
    held = held.filter((each) => each.parts > parts)
    for (const { response, rendition, isDelta } of ready)
      if (!response.destroyed) sendPlaylist(response, channel.playlist(rendition, parts, isDelta), 12)
  })

  function respond(target: string, response: ServerResponse) {
    const request = parseTarget(target)
    const session = `${base.split('/').at(-1)}/`
    if (request?.kind === 'multivariant') sendPlaylist(response, channel.multivariant(session), 1)
    else if (request?.kind === 'bundle') sendMedia(response, channel.startBundle(clock.parts, session))
    else if (request?.kind === 'playlist') respondWithPlaylist(response, request)
    else if (request?.kind === 'media') sendMedia(response, channel.media(request.rendition, request.file))
    else response.writeHead(404).end()
  }

  function respondWithPlaylist(
    response: ServerResponse,
    { rendition, parts, isDelta }: OriginTarget & { kind: 'playlist' },
  ) {
    const send = (maxAge: number) =>
      sendPlaylist(response, channel.playlist(rendition, clock.parts, isDelta), maxAge)
    if (parts === undefined) send(1)
    else if (parts <= clock.parts) send(12)
    else if (parts <= clock.parts + maxLeadParts) held.push({ rendition, parts, isDelta, response })
    else response.writeHead(404).end()
  }

  const server = createServer((request, response) => {
    const target = request.url ?? ''
    requests.set(target, (requests.get(target) ?? 0) + 1)
    respond(target, response)
  })
  const revive = () =>
    new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', () => {
        port = (server.address() as AddressInfo).port
        resolve()
      })
    })
  async function die() {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    held = []
    await closed
  }
  await revive()
  return {
    url: `http://127.0.0.1:${port}`,
    begin(path) {
      base = path
      clock.start()
    },
    madeAt: clock.madeAt,
    pause: clock.pause,
    get parts() {
      return clock.parts
    },
    renditions: channel.renditions.length,
    requests,
    die,
    revive,
    async stop() {
      clock.stop()
      await die()
    },
  }
}

/** Counts the parts of a channel in real time. Calls `onParts` with each new number. */
function createPartClock(onParts: (parts: number) => void) {
  let startedAt = 0
  let parts = 0
  let timer: NodeJS.Timeout | undefined
  function tick() {
    const due = Math.floor((performance.now() - startedAt) / modelPartMs)
    if (due <= parts) return
    parts = due
    onParts(parts)
  }
  return {
    get parts() {
      return parts
    },
    madeAt: (msn: number, part = partsPerSegment - 1) =>
      startedAt + (msn * partsPerSegment + part + 1) * modelPartMs,
    start() {
      startedAt = performance.now() - firstParts * modelPartMs
      tick()
      timer = setInterval(tick, 5)
    },
    pause(ms: number) {
      startedAt += ms
    },
    stop: () => clearInterval(timer),
  }
}

type OriginTarget =
  | { kind: 'multivariant' | 'bundle' }
  /** `parts` is the number of parts that a blocking reload waits for; undefined for a plain request. */
  | { kind: 'playlist'; rendition: string; parts: number | undefined; isDelta: boolean }
  | { kind: 'media'; rendition: string; file: string }

function parseTarget(target: string): OriginTarget | undefined {
  const { pathname, searchParams } = new URL(target, 'http://origin')
  if (pathname === '/live/bench/index.m3u8') return { kind: 'multivariant' }
  if (pathname.startsWith('/live/bench/start-')) return { kind: 'bundle' }
  const [, rendition = ''] = /\/(720p|audio)\.m3u8$/.exec(pathname) ?? []
  if (rendition !== '') {
    const isDelta = searchParams.has('_HLS_skip')
    const msn = searchParams.get('_HLS_msn')
    const part = searchParams.get('_HLS_part')
    if (msn === null) return { kind: 'playlist', rendition, parts: undefined, isDelta }
    const before = Number(msn) * partsPerSegment
    const parts = before + (part === null ? partsPerSegment : Number(part) + 1)
    return { kind: 'playlist', rendition, parts, isDelta }
  }
  const [, folder, file] = /\/1\/(720p|audio)\/([^/]+)$/.exec(pathname) ?? []
  return folder === undefined || file === undefined ? undefined : { kind: 'media', rendition: folder, file }
}

const sendPlaylist = (response: ServerResponse, playlist: string, maxAge: number) =>
  send(response, 'application/vnd.apple.mpegurl', `max-age=${maxAge}`, playlist)

function sendMedia(response: ServerResponse, body: Buffer | undefined) {
  if (body === undefined) response.writeHead(404).end()
  else send(response, 'video/mp4', 'max-age=31536000, immutable', body)
}

function send(response: ServerResponse, type: string, cacheControl: string, body: Buffer | string) {
  response.writeHead(200, {
    'content-type': type,
    'content-length': body.length,
    'cache-control': cacheControl,
  })
  response.end(body)
}
