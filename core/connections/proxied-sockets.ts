import type { Socket } from 'node:net'
import { setPeer } from '../process/node-internals.ts'
import { readProxyHeader } from './proxy-protocol.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/** Maximum number of connections whose PROXY header is still to come. No other limit counts them yet. */
const maxPending = 1000

export type ProxiedSockets = ReturnType<typeof createProxiedSockets>

/**
 * Reads the PROXY protocol on accepted sockets, if their peer is a trusted proxy and sends it. After that the
 * socket reports the client as its peer. A header that is invalid or takes longer than `deadlineMs` ends the
 * connection. Without trusted proxies nothing is read.
 */
export function createProxiedSockets(proxies: TrustedProxies | undefined, deadlineMs: number) {
  const pending = new Set<Socket>()

  function readHeader(socket: Socket, take: (socket: Socket) => void): void {
    let unread: Buffer = Buffer.alloc(0)
    const timer = setTimeout(() => socket.destroy(), deadlineMs)
    const leave = () => {
      clearTimeout(timer)
      pending.delete(socket)
      socket.off('readable', onReadable).off('end', onEnd).off('close', leave).off('error', ignoreError)
    }
    const onEnd = () => void socket.destroy()
    const onReadable = () => {
      const bytes: Buffer | null = socket.read()
      if (bytes === null) return
      unread = Buffer.concat([unread, bytes])
      const header = readProxyHeader(unread)
      if (header === 'incomplete') return
      if (header === 'invalid') return void socket.destroy()
      leave()
      if (header !== 'none' && header.client !== undefined) setPeer(socket, header.client)
      const rest = header === 'none' ? unread : unread.subarray(header.length)
      if (rest.length > 0) socket.unshift(rest)
      take(socket)
    }
    pending.add(socket)
    socket.on('readable', onReadable).on('end', onEnd).on('close', leave).on('error', ignoreError)
  }

  return {
    /** Calls `take` with the socket as soon as its client is known: at once, unless the peer is trusted. */
    take(socket: Socket, take: (socket: Socket) => void): void {
      if (!proxies?.trusts(socket.remoteAddress)) take(socket)
      else if (pending.size < maxPending) readHeader(socket, take)
      else socket.destroy()
    },

    /** Closes all sockets whose PROXY header is still to come. */
    destroy(): void {
      for (const socket of pending) socket.destroy()
    },
  }
}

function ignoreError() {}
