import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { multivariant, partMs, partsPerSegment, playlistOf, type Rendition } from './playlists.ts'

/**
 * Size of one part, bytes. It is small, because crowd benches are about requests and not about traffic.
 */
const partBytes: Record<Rendition, number> = { '720p': 8000, audio: 2000 }

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
  /** Number of requests by target. */
  readonly requests: ReadonlyMap<string, number>
  /** Ends all connections and accepts no more until `revive`. The channel continues. */
  die(): Promise<void>
  revive(): Promise<void>
  stop(): Promise<void>
}

interface HeldReload {
  rendition: Rendition
  /** Number of parts that must exist before the reload gets its response. */
  parts: number
  response: ServerResponse
}

export async function startLowLatencyOrigin(): Promise<LowLatencyOrigin> {
  const requests = new Map<string, number>()
  let held: HeldReload[] = []
  let base = ''
  let port = 0
  const clock = createPartClock((parts) => {
    const ready = held.filter((each) => each.parts <= parts)
    held = held.filter((each) => each.parts > parts)
    for (const { response, rendition } of ready)
      if (!response.destroyed) sendPlaylist(response, playlistOf(rendition, parts), 12)
  })

  function respond(target: string, response: ServerResponse) {
    const request = parseTarget(target)
    if (request === undefined) response.writeHead(404).end()
    else if (request.kind === 'multivariant') sendPlaylist(response, multivariant(base), 1)
    else if (request.kind === 'media') sendMedia(response, request.bytes)
    else respondWithPlaylist(response, request.rendition, request.parts)
  }

  function respondWithPlaylist(response: ServerResponse, rendition: Rendition, parts: number | undefined) {
    if (parts === undefined) sendPlaylist(response, playlistOf(rendition, clock.parts), 1)
    else if (parts <= clock.parts) sendPlaylist(response, playlistOf(rendition, clock.parts), 12)
    else if (parts <= clock.parts + maxLeadParts) held.push({ rendition, parts, response })
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
    get parts() {
      return clock.parts
    },
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
    const due = Math.floor((performance.now() - startedAt) / partMs)
    if (due <= parts) return
    parts = due
    onParts(parts)
  }
  return {
    get parts() {
      return parts
    },
    madeAt: (msn: number, part = partsPerSegment - 1) =>
      startedAt + (msn * partsPerSegment + part + 1) * partMs,
    start() {
      // The channel begins with 100 segments, so that its playlists are full from the start.
      startedAt = performance.now() - 100 * partsPerSegment * partMs
      tick()
      timer = setInterval(tick, 5)
    },
    stop: () => clearInterval(timer),
  }
}

type OriginTarget =
  | { kind: 'multivariant' }
  /** `parts` is the number of parts that a blocking reload waits for; undefined for a plain request. */
  | { kind: 'playlist'; rendition: Rendition; parts: number | undefined }
  | { kind: 'media'; bytes: number }

function parseTarget(target: string): OriginTarget | undefined {
  if (target === '/live/bench/index.m3u8') return { kind: 'multivariant' }
  const playlist = /\/(720p|audio)\.m3u8(?:\?_HLS_msn=(\d+)(?:&_HLS_part=(\d+))?)?$/.exec(target)
  if (playlist) {
    const [, name, msn, part] = playlist
    const rendition = name as Rendition
    if (msn === undefined) return { kind: 'playlist', rendition, parts: undefined }
    const before = Number(msn) * partsPerSegment
    const parts = before + (part === undefined ? partsPerSegment : Number(part) + 1)
    return { kind: 'playlist', rendition, parts }
  }
  const media = /\/1\/(720p|audio)\/(\d+)(?:\.(\d+))?\.m4s$/.exec(target)
  if (media) {
    const [, name, , part] = media
    const bytes = partBytes[name as Rendition]
    return { kind: 'media', bytes: part === undefined ? bytes * partsPerSegment : bytes }
  }
  return undefined
}

const sendPlaylist = (response: ServerResponse, playlist: string, maxAge: number) =>
  send(response, 'application/vnd.apple.mpegurl', `max-age=${maxAge}`, playlist)

const bodies = new Map<number, Buffer>()

function sendMedia(response: ServerResponse, bytes: number) {
  const body = bodies.get(bytes) ?? Buffer.alloc(bytes, 'm')
  bodies.set(bytes, body)
  send(response, 'video/mp4', 'max-age=31536000, immutable', body)
}

function send(response: ServerResponse, type: string, cacheControl: string, body: Buffer | string) {
  response.writeHead(200, {
    'content-type': type,
    'content-length': body.length,
    'cache-control': cacheControl,
  })
  response.end(body)
}
