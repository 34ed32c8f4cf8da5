import type { Socket } from 'node:net'
import { createSweeper } from '../../core/connections/sweeper.ts'
import { Connection, type ConnectionHost } from './connection.ts'

/**
 * Serves connections on the hot path, which handles playback requests without node:http. A connection that
 * sends anything else is passed to `handOver` for good.
 */
export function createHotPath({ handOver, ...options }: Omit<ConnectionHost, 'isClosing'>) {
  let handedOver = 0
  const host: ConnectionHost = {
    ...options,
    isClosing: false,
    handOver(socket, unread) {
      handedOver += 1
      handOver(socket, unread)
    },
  }
  const connections = createSweeper<Connection>(options.now)

  return {
    /** Serves a connection from its first request on. Handles bytes that the stream has buffered first. */
    take(socket: Socket): void {
      const connection = new Connection(socket, host)
      const remove = connections.add(connection)
      socket.once('close', () => {
        remove()
        connection.closed()
      })
    },

    /** Number of connections that were handed over since the start. */
    get handedOver() {
      return handedOver
    },

    /** Ends idle connections now, others after their response. */
    finish(): void {
      host.isClosing = true
      for (const connection of connections.members()) connection.finish()
    },

    /** Closes all connections at once, whatever they wait for. */
    destroy(): void {
      for (const connection of connections.members()) connection.destroy()
    },

    close: connections.close,
  }
}
