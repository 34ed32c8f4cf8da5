import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** A connection on which the test decides every byte. */
export interface RawConnection {
  socket: Socket
  /** Everything received since the start or the last `forget`, up to about 1 MB. */
  received(): Buffer
  /** Empties `received`, so that `until` sees only what arrives from now on. */
  forget(): void
  send(bytes: string | Buffer): void
  /**
   * Resolves with what `pick` returns, as soon as it returns something for the bytes in `received`. `what`
   * describes it in errors.
   * @throws Error when the connection ends first, or after 30 s
   */
  until<T>(what: string, pick: (received: Buffer) => T | undefined): Promise<T>
  /** Resolves when the connection is closed. An error of the socket closes it too. */
  closed: Promise<void>
}

const maxReceivedBytes = 2 ** 20
const timeoutMs = 30_000

/**
 * Connects to the host and port of a URL and sends `text`. TLS accepts any certificate and offers `alpn`.
 */
export async function openRaw(
  url: string | URL,
  text: string | Buffer = '',
  alpn: readonly string[] = [],
  from?: string,
): Promise<RawConnection> {
  const { protocol, hostname, port } = new URL(url)
  const address = { host: hostname, port: Number(port), ...(from ? { localAddress: from } : {}) }
  const isSecure = protocol === 'https:'
  const socket = isSecure
    ? connectTls({
        ...address,
        rejectUnauthorized: false,
        ...(alpn.length > 0 ? { ALPNProtocols: [...alpn] } : {}),
      })
    : connect(address)
  let received = Buffer.alloc(0)
  const listeners = new Set<() => void>()
  socket.on('data', (bytes: Buffer) => {
    if (received.length < maxReceivedBytes) received = Buffer.concat([received, bytes])
    for (const listener of listeners) listener()
  })
  await once(socket, isSecure ? 'secureConnect' : 'connect')
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const send = (bytes: string | Buffer) => {
    if (socket.writable && bytes.length > 0) socket.write(bytes, 'latin1')
  }
  send(text)
  return {
    socket,
    closed,
    send,
    received: () => received,
    forget() {
      received = Buffer.alloc(0)
    },
    until(what, pick) {
      return new Promise((resolve, reject) => {
        const fail = (why: string) => {
          listeners.delete(check)
          clearTimeout(timer)
          reject(new Error(`${why}: ${what}`))
        }
        const timer = setTimeout(() => fail(`waited ${timeoutMs} ms for`), timeoutMs)
        const check = () => {
          const picked = pick(received)
          if (picked === undefined) return
          listeners.delete(check)
          clearTimeout(timer)
          resolve(picked)
        }
        listeners.add(check)
        void closed.then(() => fail('the connection ended before'))
        check()
      })
    },
  }
}

/**
 * Returns the head of an HTTP response, without the empty line; undefined before the whole head was received.
 */
export function headIn(received: Buffer): string | undefined {
  const end = received.indexOf('\r\n\r\n')
  return end < 0 ? undefined : received.toString('latin1', 0, end)
}

/**
 * Sends bytes on a connection of its own. Returns everything that comes back until the server closes it. With
 * `end`, the client ends its side as soon as the received text matches.
 */
export async function sendRaw(url: string, bytes: string | Buffer, end?: RegExp): Promise<string> {
  const connection = await openRaw(url, bytes)
  const text = () => connection.received().toString('latin1')
  if (end) connection.socket.on('data', () => void (end.test(text()) && connection.socket.end()))
  await connection.closed
  return text()
}
