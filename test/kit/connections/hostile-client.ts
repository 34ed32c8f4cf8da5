import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** Time between two pieces of a client that sends slowly, ms. */
const pieceMs = 100

/** A client that never closes its connection. */
export interface HostileClient {
  socket: Socket
  send(bytes: string | Buffer): void
  /** Sends what `piece` returns every 100 ms, as long as the connection is open. */
  dribble(piece: () => string | Buffer): void
  /** Resolves when any byte has arrived, or the connection has ended. */
  answered(): Promise<void>
  /** Reads nothing from now on. */
  stopReading(): void
  /** Reads one chunk every 100 ms from now on. */
  readSlowly(): void
}

/** Connects to a port of this machine, with TLS when `alpn` has protocols to offer. */
export async function connectHostile(
  port: number,
  alpn?: readonly string[],
  localAddress = '127.0.0.1',
): Promise<HostileClient> {
  const address = { port, host: '127.0.0.1', localAddress, allowHalfOpen: true }
  const tcp = connect(address)
  await once(tcp, 'connect')
  tcp.on('error', () => {})
  const socket = alpn ? connectTls({ socket: tcp, rejectUnauthorized: false, ALPNProtocols: [...alpn] }) : tcp
  // On a busy machine the server may close the connection before it does what a script waits for.
  const until = (event: string) =>
    new Promise<void>((resolve) => {
      for (const each of [event, 'end', 'close', 'error']) socket.once(each, () => resolve())
    })
  socket.on('error', () => {})
  if (alpn) await until('secureConnect')
  socket.on('data', () => {})
  const every = (act: () => void) => {
    const timer = setInterval(act, pieceMs)
    tcp.once('close', () => clearInterval(timer))
  }
  const send = (bytes: string | Buffer) => {
    if (socket.writable) socket.write(bytes, 'latin1')
  }
  return {
    socket,
    send,
    dribble: (piece) => every(() => send(piece())),
    answered: () => until('data'),
    stopReading: () => void socket.pause(),
    readSlowly() {
      socket.on('data', () => socket.pause()).pause()
      every(() => socket.resume())
    },
  }
}
