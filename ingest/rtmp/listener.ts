import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { listenError } from '../../core/process/http-server.ts'
import type { Log } from '../../core/process/log.ts'
import type { TlsFiles } from '../../core/process/tls-files.ts'
import type { PublishAuthority } from '../publish/publish-sink.ts'
import type { RefusalReason } from '../publish/refusal.ts'
import { RtmpConnection } from './connection.ts'
import { type ConnectionLimits, createConnectionLimit } from './connection-limit.ts'
import { closeGraceMs, handshakeTimeoutMs, sweepMs } from './limits.ts'

export interface RtmpListenerOptions {
  admission: PublishAuthority
  limits: ConnectionLimits
  log: Log
  onRefused: (reason: RefusalReason) => void
}

/** Takes RTMP connections of any number of ports, within the bounds for all of them together. */
export function createRtmpListener({ admission, limits, log, onRefused }: RtmpListenerOptions) {
  const servers: Server[] = []
  const limit = createConnectionLimit(limits)
  const connections = new Map<RtmpConnection, Socket>()
  let receivedOfClosed = 0

  function screen(socket: Socket) {
    if (limit.admits(socket)) return
    onRefused('too_many_connections')
    log.warn({ address: socket.remoteAddress, reason: 'too_many_connections' }, 'connection refused')
    socket.destroy()
  }

  function open(socket: Socket) {
    if (socket.destroyed) return
    const connection = new RtmpConnection({
      socket,
      admission,
      log,
      onClosed(reason) {
        connections.delete(connection)
        receivedOfClosed += socket.bytesRead
        if (reason) onRefused(reason)
      },
    })
    connections.set(connection, socket)
  }

  const timer = setInterval(() => {
    const now = performance.now()
    for (const connection of connections.keys()) connection.sweep(now)
  }, sweepMs)

  return {
    /** Opens a port, with TLS where files are given; gives the port. @throws NowcastError `bad_settings` */
    async listen(host: string, port: number, tls?: TlsFiles): Promise<number> {
      const server = tls
        ? createTlsServer({ ...tls, handshakeTimeout: handshakeTimeoutMs })
        : createTcpServer()
      server.on('connection', screen)
      server.on(tls ? 'secureConnection' : 'connection', open)
      server.on('tlsClientError', (error: Error) => log.debug({ err: error.message }, 'tls handshake failed'))
      await new Promise<void>((resolve, reject) => {
        const what = tls ? 'NOWCAST_RTMPS_PORT' : 'NOWCAST_RTMP_PORT'
        const onError = (error: NodeJS.ErrnoException) => reject(listenError(error, host, port, what))
        server.once('error', onError)
        server.listen(port, host, () => {
          server.off('error', onError)
          resolve()
        })
      })
      servers.push(server)
      return (server.address() as AddressInfo).port
    },

    get connectionCount() {
      return connections.size
    },

    get receivedBytes() {
      return [...connections.values()].reduce((sum, socket) => sum + socket.bytesRead, receivedOfClosed)
    },

    /** Takes nobody in any more, tells all clients, and cuts those that stay. */
    async close(): Promise<void> {
      clearInterval(timer)
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)))
      for (const connection of connections.keys()) connection.close()
      const cut = setTimeout(() => {
        for (const socket of connections.values()) socket.destroy()
      }, closeGraceMs)
      await Promise.all(closed)
      clearTimeout(cut)
    },
  }
}

export type RtmpListener = ReturnType<typeof createRtmpListener>
