import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { multivariant, partMs, partsPerSegment, playlistOf, type Rendition } from './show-playlist.ts'

/** Bytes of one part: what matters here is how many requests there are, not how much goes over the line. */
const partBytes: Record<Rendition, number> = { '720p': 8000, audio: 2000 }

/** An origin that makes a low-latency show of its own as time goes by, holds what is not there yet, and counts what it is asked. */
export interface ShowOrigin {
  url: string
  /** To be called once, with the path before the renditions. */
  begin(base: string): void
  /** When a part was there, ms of `performance.now()`; a segment with its last part. */
  madeAt(msn: number, part?: number): number
  /** Parts made so far. */
  readonly parts: number
  /** How often each target was asked for. */
  readonly asked: ReadonlyMap<string, number>
  /** Ends all connections and takes no more, until `revive`. The show goes on. */
  die(): Promise<void>
  revive(): Promise<void>
  stop(): Promise<void>
}

interface Waiting {
  rendition: Rendition
  /** Parts that must be there. */
  parts: number
  response: ServerResponse
}

export async function startShowOrigin(): Promise<ShowOrigin> {
  const asked = new Map<string, number>()
  const bodies = new Map<number, Buffer>()
  let waiting: Waiting[] = []
  let base = ''
  let beganAt = 0
  let parts = 0
  let port = 0
  let timer: NodeJS.Timeout | undefined

  function send(response: ServerResponse, type: string, control: string, body: Buffer | string) {
    response.writeHead(200, {
      'content-type': type,
      'content-length': body.length,
      'cache-control': control,
    })
    response.end(body)
  }
  const sendPlaylist = (response: ServerResponse, rendition: Rendition, maxAge: number) =>
    send(response, 'application/vnd.apple.mpegurl', `max-age=${maxAge}`, playlistOf(rendition, parts))
  const sendMedia = (response: ServerResponse, bytes: number) => {
    const body = bodies.get(bytes) ?? Buffer.alloc(bytes, 'm')
    bodies.set(bytes, body)
    send(response, 'video/mp4', 'max-age=31536000, immutable', body)
  }

  function answer(target: string, response: ServerResponse) {
    if (target === '/live/bench/index.m3u8')
      return send(response, 'application/vnd.apple.mpegurl', 'max-age=1', multivariant(base))
    const playlist = /\/(720p|audio)\.m3u8(?:\?_HLS_msn=(\d+)(?:&_HLS_part=(\d+))?)?$/.exec(target)
    if (playlist) {
      const [, rendition, msn, part] = playlist
      const name = rendition as Rendition
      if (msn === undefined) return sendPlaylist(response, name, 1)
      const needed =
        part === undefined
          ? (Number(msn) + 1) * partsPerSegment
          : Number(msn) * partsPerSegment + Number(part) + 1
      if (needed <= parts) return sendPlaylist(response, name, 12)
      if (needed <= parts + 3 * partsPerSegment)
        return waiting.push({ rendition: name, parts: needed, response })
    }
    const media = /\/1\/(720p|audio)\/(\d+)(?:\.(\d+))?\.m4s$/.exec(target)
    if (media) {
      const [, rendition, , part] = media
      const bytes = partBytes[rendition as Rendition]
      return sendMedia(response, part === undefined ? bytes * partsPerSegment : bytes)
    }
    response.writeHead(404).end()
  }

  function makeParts() {
    const due = Math.floor((performance.now() - beganAt) / partMs)
    if (due <= parts) return
    parts = due
    const ready = waiting.filter((each) => each.parts <= parts)
    waiting = waiting.filter((each) => each.parts > parts)
    for (const { response, rendition } of ready)
      if (!response.destroyed) sendPlaylist(response, rendition, 12)
  }

  const server = createServer((request, response) => {
    const target = request.url ?? ''
    asked.set(target, (asked.get(target) ?? 0) + 1)
    answer(target, response)
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
    waiting = []
    await closed
  }
  await revive()
  return {
    url: `http://127.0.0.1:${port}`,
    begin(path) {
      base = path
      // The show has been on for a while.
      beganAt = performance.now() - 100 * partsPerSegment * partMs
      makeParts()
      timer = setInterval(makeParts, 5)
    },
    madeAt: (msn, part = partsPerSegment - 1) => beganAt + (msn * partsPerSegment + part + 1) * partMs,
    get parts() {
      return parts
    },
    asked,
    die,
    revive,
    async stop() {
      clearInterval(timer)
      await die()
    },
  }
}
