import { readFileSync } from 'node:fs'
import type { Server } from 'node:net'
import {
  deadlines,
  type RtmpDeadlines,
  type SecureHttpDeadlines,
} from '../../../core/connections/deadlines.ts'
import { createHttpServer } from '../../../core/connections/http-server.ts'
import { listen } from '../../../core/process/http-server.ts'
import { createLog } from '../../../core/process/log.ts'
import { createEdgeServer } from '../../../edge/server.ts'
import type { PublishAuthority } from '../../../ingest/publish/publish-authority.ts'
import { createRtmpListener } from '../../../ingest/rtmp/listener.ts'
import { PublishSession } from '../../../ingest/session/publish-session.ts'
import { createServer as createManagerServer, listen as listenManager } from '../../../manager/server.ts'
import type { CertificateFiles } from '../http/certificates.ts'
import { targets } from './states.ts'

/** A listener with short deadlines. */
export interface TestListener {
  port: number
  /** Number of sockets that the server keeps open. */
  open(): number
  close(): Promise<void>
}

const shortMs = 400
const short = <Deadlines extends object>(usual: Deadlines) =>
  Object.fromEntries(Object.keys(usual).map((state) => [state, shortMs])) as Record<keyof Deadlines, number>
const shortRtmp: RtmpDeadlines = short(deadlines.rtmp)
const shortEdge: SecureHttpDeadlines = short(deadlines.edge)

const log = createLog('test', 'silent')
/**
 * Body that the buffers of the system cannot hold, so that a response waits for a client that does not read.
 */
const large = Buffer.alloc(32 << 20)
const filesOf = ({ cert, key }: CertificateFiles) => ({ cert: readFileSync(cert), key: readFileSync(key) })

/** Counts the open sockets of a server from now on. */
function countOpen(server: Server): () => number {
  let open = 0
  server.on('connection', (socket) => {
    open += 1
    socket.once('close', () => {
      open -= 1
    })
  })
  return () => open
}

/** Refuses the key `bad`, never decides about `never`, and accepts all others. */
const authority: PublishAuthority = {
  async authorize({ streamKey }) {
    if (streamKey === 'never') await new Promise(() => {})
    if (streamKey === 'bad') return { refusal: { reason: 'bad_key', description: 'no' } }
    const limits = { maxLong: 8192, maxShort: 4320, maxPixelRate: 600e6, maxBitrate: 0 }
    return { session: new PublishSession({ sessionId: 's_test', limits, onSource: () => {} }) }
  },
}

export async function startRtmp(files?: CertificateFiles, times = shortRtmp): Promise<TestListener> {
  const rtmp = createRtmpListener({
    authority,
    limits: { total: 500, perClient: 0 },
    deadlines: times,
    log,
    onRefused: () => {},
  })
  const port = await rtmp.listen('127.0.0.1', 0, files && filesOf(files))
  return { port, open: () => rtmp.openSockets, close: rtmp.close }
}

export async function startEdge(files?: CertificateFiles, times = shortEdge): Promise<TestListener> {
  const edge = createEdgeServer(
    {
      handle(exchange) {
        const length = exchange.target === targets.small ? 10 : large.length
        const headers = ['content-length', String(length)]
        exchange.send(200, headers, exchange.isHead ? null : large.subarray(0, length))
      },
      handleOther: () => false,
    },
    {
      maxConnections: 1000,
      maxPerAddress: 0,
      now: () => performance.now(),
      deadlines: times,
      tls: files && filesOf(files),
    },
  )
  const port = await listen(edge.listener, '127.0.0.1', 0, 'test')
  return { port, open: () => edge.connections.open, close: edge.close }
}

export async function startManager(): Promise<TestListener> {
  const app = createManagerServer(log, { total: 500, perClient: 0 }, short(deadlines.manager))
  app.get(targets.small, async () => 'small')
  app.post(targets.small, async () => 'small')
  app.get(targets.large, async () => large)
  app.get(targets.endless, (_request, reply) => {
    reply.hijack()
    reply.raw.write(large)
  })
  const open = countOpen(app.server)
  const port = await listenManager(app, '127.0.0.1', 0)
  return { port, open, close: () => app.close() }
}

/** Starts a listener as roles have it for other roles and operators. */
export async function startInternal(): Promise<TestListener> {
  const server = createHttpServer((request, response) => {
    if (request.url === targets.endless) response.write(large)
    else response.end(request.url === targets.large ? large : 'small')
  }, short(deadlines.internal))
  const open = countOpen(server)
  const port = await listen(server, '127.0.0.1', 0, 'test')
  return {
    port,
    open,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
