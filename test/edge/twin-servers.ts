import { createServer } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { listen } from '../../core/process/http-server.ts'
import { createLog } from '../../core/process/log.ts'
import { createDelivery } from '../../edge/delivery.ts'
import { createEdgeServer } from '../../edge/server.ts'
import { createViewers } from '../../edge/viewers/viewers.ts'
import { liveOrigin } from '../kit/live-origin.ts'
import { startTestOrigin } from './test-origin.ts'

/** No channel needs a token. */
const openRules = {
  version: async () => 'one',
  read: async () => ({ signed: {}, revoked: {} }),
  watch: () => {},
}

/** One delivery behind two servers: the edge's own with its hot path, and node:http alone. */
export async function startTwinServers() {
  const origin = await startTestOrigin()
  const record = liveOrigin({ url: origin.url })
  const now = () => performance.now()
  const delivery = createDelivery(
    {
      origin: async () => record,
      origins: async () => [record],
      sessionIds: async () => [],
      watch: (_, onReady) => onReady(),
    },
    openRules,
    {
      cacheBytes: 64 << 20,
      clusterSecret: 'a-secret',
      log: createLog('test', 'silent'),
      now,
      viewers: createViewers(),
    },
  )
  await delivery.firstLook(5000)
  const hot = createEdgeServer(
    { handle: delivery.handle, answerOther: () => false, slowReaders: delivery.slowReaders },
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
      delivery.close()
      await origin.die()
    },
  }
}

export interface Heard {
  /** All that came back, latin1. */
  text: string
  /** The other side closed while more was being sent: what it said last may be lost on the way. */
  wasReset: boolean
}

/** Sends pieces one after the other, ends its side, and gives what came back until the other side ended too. */
export function exchangeBytes(port: number, pieces: readonly string[]): Promise<Heard> {
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

/** What must be the same whichever way a request went: all but the time and the fields about the connection itself. */
function comparable(text: string): string {
  return text
    .replaceAll(/^(?:date|connection|keep-alive|age): .*\r\n/gim, '')
    .replace(/HTTP\/1\.1 4(?:00|31) [A-Za-z ]+\r\n\r\n$/, '')
}

const isRefused = ({ text, wasReset }: Heard) => wasReset || /HTTP\/1\.1 4(?:00|31) [\s\S]*\r\n$/.test(text)

/**
 * Whether two servers answered alike. Where several requests came and one of them was refused with its connection, node:http
 * drops the answers that were due before, or not, by how the bytes fell into reads: then what was heard must be the same.
 */
export function agree(one: Heard, other: Heard, requests: number): boolean {
  const [first, second] = [comparable(one.text), comparable(other.text)]
  if (first === second) return true
  if (!one.wasReset && !other.wasReset && (requests === 1 || !(isRefused(one) || isRefused(other))))
    return false
  return second.startsWith(first) || first.startsWith(second)
}
