import { createServer } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { listen } from '../../../core/process/http-server.ts'
import { createLog } from '../../../core/process/log.ts'
import { noOverload } from '../../../edge/overload/overload-control.ts'
import { createRequestPath } from '../../../edge/playback/request-path.ts'
import { createEdgeServer } from '../../../edge/server.ts'
import { createUpstream } from '../../../edge/upstream/upstream.ts'
import { createViewers } from '../../../edge/viewers/viewers.ts'
import { openRules } from './edge-before-packager.ts'
import { startFakeOrigin } from './fake-origin.ts'
import { liveOrigin } from './live-origin.ts'

/**
 * Starts two servers for the same request path: that of an edge, with the hot path, and one with node:http
 * only.
 */
export async function startTwinServers() {
  const origin = await startFakeOrigin()
  const record = liveOrigin({ url: origin.url })
  const now = () => performance.now()
  const keys = { peerKey: 'a peer key', tokenKey: 'a token key' }
  const path = createRequestPath(
    {
      origins: {
        origin: async () => record,
        origins: async () => [record],
        sessionIds: async () => [],
        watch: (_, onReady) => onReady(),
      },
      rules: openRules,
      upstream: createUpstream(keys),
    },
    {
      cacheBytes: 64 << 20,
      keys,
      log: createLog('test', 'silent'),
      now,
      viewers: createViewers(),
      overload: { state: noOverload },
      steer: (_, object) => object,
      maxWaiting: 20_000,
    },
  )
  await path.firstRead(5000)
  const hot = createEdgeServer(
    { handle: path.handle, handleOther: () => false },
    { maxConnections: 1000, maxPerAddress: 0, now },
  )
  const plain = createServer({ maxHeaderSize: 16_384, noDelay: true }, (request, response) =>
    hot.listener.emit('request', request, response),
  )
  const ports = {
    hot: await listen(hot.listener, '127.0.0.1', 0, 'hot'),
    plain: await listen(plain, '127.0.0.1', 0, 'plain'),
  }
  return {
    origin,
    hot,
    ports,
    base: `/live/demo/${record.sessionId}`,
    async close() {
      plain.close()
      plain.closeAllConnections()
      await hot.close()
      path.close()
      await origin.die()
    },
  }
}

export interface Received {
  /** All received bytes, latin1. */
  text: string
  /**
   * Whether the server closed while the client was still sending. The server's last bytes may be lost then.
   */
  wasReset: boolean
}

/**
 * Sends pieces one after another, then ends the client's side. Resolves with the received bytes when the
 * connection is closed. Rejects after 20 s without traffic, and on errors other than a reset.
 */
export function exchangeBytes(port: number, pieces: readonly string[]): Promise<Received> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    let wasReset = false
    socket.setTimeout(20_000, () => socket.destroy(new Error(`no end after ${JSON.stringify(pieces)}`)))
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      wasReset = error.code === 'ECONNRESET' || error.code === 'EPIPE'
      if (!wasReset) reject(error)
    })
    socket.on('close', () => resolve({ text, wasReset }))
    socket.on('connect', async () => {
      socket.setNoDelay(true)
      for (const [index, piece] of pieces.entries()) {
        if (index > 0) await delay(2)
        if (socket.writable) socket.write(piece, 'latin1')
      }
      if (socket.writable) socket.end()
    })
  })
}

/**
 * Returns the text that both servers must send alike. It lacks the fields Date, Age, Connection and
 * Keep-Alive, and a final 400 or 431 without fields. It also lacks 100 (Continue): node:http sends it before
 * the responses to earlier requests are complete.
 */
function comparable(text: string): string {
  return text
    .replaceAll('HTTP/1.1 100 Continue\r\n\r\n', '')
    .replaceAll(/^(?:date|connection|keep-alive|age): .*\r\n/gim, '')
    .replace(/HTTP\/1\.1 4(?:00|31) [A-Za-z ]+\r\n\r\n$/, '')
}

const isRefused = ({ text, wasReset }: Received) =>
  wasReset || /HTTP\/1\.1 4(?:00|31) [\s\S]*\r\n$/.test(text)

/**
 * Whether the hot path (`one`) and node:http (`other`) responded alike. When a connection was reset, or one
 * of several requests was refused, later responses may be lost, depending on how the system divided the bytes
 * into reads. Then one text need only begin with the other. The hot path takes pipelined requests one by one,
 * so it may have responded to more of them than node:http when it meets bytes that are no request.
 * `requests`: number of requests that were sent.
 */
export function agree(one: Received, other: Received, requests: number): boolean {
  const [first, second] = [comparable(one.text), comparable(other.text)]
  if (first === second || (requests > 1 && first.startsWith(second))) return true
  if (!one.wasReset && !other.wasReset && (requests === 1 || !(isRefused(one) || isRefused(other))))
    return false
  return second.startsWith(first) || first.startsWith(second)
}
