import type { Server, Socket } from 'node:net'

/** Takes a server's own handling of connections out of it, to be called for those that are to have it. */
export function connectionListenerOf(server: Server): (socket: Socket) => void {
  const [listener] = server.listeners('connection')
  if (listener === undefined) throw new Error('the server handles no connections')
  server.removeAllListeners('connection')
  return (socket) => void listener.call(server, socket)
}
