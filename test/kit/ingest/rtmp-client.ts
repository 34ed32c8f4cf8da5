import { connect, type Socket } from 'node:net'

export interface RtmpClient {
  socket: Socket
  /** Everything received so far, up to about 64 KB. */
  received(): Buffer
  send(bytes: Buffer): void
  /** Resolves when `text` has been received, rejects when the connection ends before. */
  receives(text: string): Promise<void>
  closed: Promise<void>
}

const maxReceivedBytes = 65_536

/** Connects to an RTMP port of this machine. The client sends nothing on its own. */
export async function connectRtmp(port: number): Promise<RtmpClient> {
  const socket = connect(port, '127.0.0.1')
  let received = Buffer.alloc(0)
  const listeners = new Set<() => void>()
  socket.on('data', (bytes: Buffer) => {
    if (received.length < maxReceivedBytes) received = Buffer.concat([received, bytes])
    for (const listener of listeners) listener()
  })
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  return {
    socket,
    closed,
    received: () => received,
    send: (bytes) => void (socket.writable && socket.write(bytes)),
    receives(text) {
      return new Promise((resolve, reject) => {
        const check = () => {
          if (!received.includes(text)) return
          listeners.delete(check)
          resolve()
        }
        listeners.add(check)
        void closed.then(() => reject(new Error(`the connection ended before ${text} was received`)))
        check()
      })
    },
  }
}
