import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { listenError } from '../../core/internal-server.ts'
import type { Log } from '../../core/log.ts'
import type { Admission } from '../admission.ts'
import { handshakeTimeoutMs, maxConnections, maxConnectionsPerAddress, sweepMs } from '../limits.ts'
import type { RefusalReason } from '../refusal.ts'
import { RtmpConnection } from './connection.ts'
import type { TlsFiles } from './tls-files.ts'

export interface RtmpListenerOptions {
  admission: Admission
  log: Log
  onRefused: (reason: RefusalReason) => void
}

/** Takes RTMP connections of any number of ports, within the bounds for all of them together. */
export function createRtmpListener({ admission, log, onRefused }: RtmpListenerOptions) {
  const servers: Server[] = []
  const connections = new Map<RtmpConnection, Socket>()
  const perAddress = new Map<string, number>()
  let receivedOfClosed = 0

  function accept(socket: Socket) {
    const address = socket.remoteAddress ?? 'unknown'
    const ofAddress = perAddress.get(address) ?? 0
    if (connections.size >= maxConnections || ofAddress >= maxConnectionsPerAddress) {
      onRefused('too_many_connections')
      log.warn({ address, ofAddress, connections: connections.size }, 'too many connections')
      socket.on('error', () => {})
      socket.destroy()
      return
    }
    perAddress.set(address, ofAddress + 1)
    const connection = new RtmpConnection({
      socket,
      admission,
      log,
      onClosed(reason) {
        connections.delete(connection)
        receivedOfClosed += socket.bytesRead
        const left = (perAddress.get(address) ?? 1) - 1
        if (left > 0) perAddress.set(address, left)
        else perAddress.delete(address)
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
        ? createTlsServer({ ...tls, handshakeTimeout: handshakeTimeoutMs }, accept)
        : createTcpServer(accept)
      // TLS sockets count from their handshake on; until then at most this many wait.
      server.maxConnections = maxConnections
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

    /** Takes nobody in any more and ends all connections. */
    async close(): Promise<void> {
      clearInterval(timer)
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)))
      for (const connection of connections.keys()) connection.close()
      await Promise.all(closed)
    },
  }
}

export type RtmpListener = ReturnType<typeof createRtmpListener>
