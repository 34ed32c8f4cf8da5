import { once } from 'node:events'
import { Agent, createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a client asked for, counted by a proxy between it and the edge. */
export interface ClientRequests {
  /** Requests answered, by kind of object. */
  playlists: number
  media: number
  /** Responses with a status of 400 or more. */
  failed: number
  bytes: number
  /** Media sequence number of the newest video that was answered, and of the first; undefined before it. */
  newestMsn: number | undefined
  firstMsn: number | undefined
  /** Longest time without a response that has newer video than those before, ms. */
  longestWaitMs: number
}

const msnOf = (path: string) => /\/(?!audio)[^/]+\/(\d+)(?:\.\d+)?\.m4s/.exec(path)?.[1]

/** Starts a proxy to the edge at `edgeUrl` that counts the requests of its client. */
export async function startCountingProxy(edgeUrl: string) {
  const { hostname, port } = new URL(edgeUrl)
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })
  const counted: ClientRequests = {
    ...{ playlists: 0, media: 0, failed: 0, bytes: 0, longestWaitMs: 0 },
    ...{ newestMsn: undefined, firstMsn: undefined },
  }
  let advancedAt = performance.now()

  function advance(msn: number) {
    if (msn <= (counted.newestMsn ?? -1)) return
    const time = performance.now()
    if (counted.newestMsn !== undefined)
      counted.longestWaitMs = Math.max(counted.longestWaitMs, time - advancedAt)
    counted.firstMsn ??= msn
    counted.newestMsn = msn
    advancedAt = time
  }

  const server = createServer((incoming, outgoing) => {
    const { url = '/', method, headers } = incoming
    const forwarded = send({ agent, hostname, port, method, path: url, headers }, (response) => {
      if (/\.m3u8/.test(url)) counted.playlists++
      else counted.media++
      if ((response.statusCode ?? 500) >= 400) counted.failed++
      const msn = msnOf(url)
      if ((response.statusCode ?? 500) < 300 && msn !== undefined) advance(Number(msn))
      response.on('data', (chunk: Buffer) => {
        counted.bytes += chunk.length
      })
      outgoing.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(outgoing)
    })
    forwarded.on('error', () => outgoing.destroy())
    outgoing.on('close', () => forwarded.destroy())
    incoming.pipe(forwarded)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Counts up to now. The present wait for newer video counts too. */
    counts: (): ClientRequests => ({
      ...counted,
      longestWaitMs: Math.max(counted.longestWaitMs, performance.now() - advancedAt),
    }),
    close() {
      server.close()
      server.closeAllConnections()
      agent.destroy()
    },
  }
}
