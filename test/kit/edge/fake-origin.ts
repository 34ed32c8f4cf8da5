import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Responds to one request, now or later. */
export type Reply = (response: ServerResponse, target: string) => void

export interface FakeOrigin {
  readonly url: string
  /** Path and query of each request so far. */
  readonly targets: string[]
  readonly lastHeaders: IncomingHttpHeaders
  /** Number of requests for `target` so far. */
  asked(target: string): number
  /** Resolves when `target` has been requested `times` times in total, by default once. */
  whenAsked(target: string, times?: number): Promise<void>
  /** Number of responses that were incomplete when their connection closed. */
  readonly abandoned: number
  on(target: string, reply: Reply): void
  /** Sets the reply to targets without one of their own. By default it is 404. */
  otherwise(reply: Reply): void
  /** Stops at once and closes all connections. `start` opens the same port again. */
  die(): Promise<void>
  start(): Promise<void>
}

/**
 * Starts an HTTP server that acts as a packager. It counts requests and sends the replies set with `on` and
 * `otherwise`.
 */
export async function startFakeOrigin(): Promise<FakeOrigin> {
  const replies = new Map<string, Reply>()
  let other: Reply = (response) => void response.writeHead(404).end()
  const targets: string[] = []
  const asked = (target: string) => targets.filter((each) => each === target).length
  let waiters: { target: string; times: number; resolve: () => void }[] = []
  let lastHeaders: IncomingHttpHeaders = {}
  let abandoned = 0
  let port = 0

  const server = createServer((request, response) => {
    const target = request.url ?? ''
    targets.push(target)
    lastHeaders = request.headers
    response.once('close', () => {
      if (!response.writableFinished) abandoned += 1
    })
    const reply = replies.get(target) ?? other
    reply(response, target)
    waiters = waiters.filter((each) => {
      if (asked(each.target) < each.times) return true
      each.resolve()
      return false
    })
  })
  const start = () =>
    new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', () => {
        port = (server.address() as AddressInfo).port
        resolve()
      })
    })
  await start()

  return {
    url: `http://127.0.0.1:${port}`,
    targets,
    asked,
    get lastHeaders() {
      return lastHeaders
    },
    get abandoned() {
      return abandoned
    },
    on: (target, reply) => void replies.set(target, reply),
    otherwise(reply) {
      other = reply
    },
    whenAsked: (target, times = 1) =>
      asked(target) >= times
        ? Promise.resolve()
        : new Promise((resolve) => waiters.push({ target, times, resolve })),
    async die() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
    start,
  }
}

/** Creates a reply with a playlist, in the form of a packager's response. `maxAge` is in seconds. */
export function playlistReply(body: string, maxAge = 1, headers: Record<string, string> = {}): Reply {
  return (response) => {
    response.writeHead(200, {
      'content-type': 'application/vnd.apple.mpegurl',
      'cache-control': `max-age=${maxAge}`,
      ...headers,
    })
    response.end(body)
  }
}

/** Creates a reply with a segment, part or init segment, in the form of a packager's response. */
export function mediaReply(body: Buffer): Reply {
  return (response) => {
    response.writeHead(200, { 'content-type': 'video/mp4', 'cache-control': 'max-age=31536000, immutable' })
    response.end(body)
  }
}
