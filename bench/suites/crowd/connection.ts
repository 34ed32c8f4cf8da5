import { connect, type Socket } from 'node:net'

interface ReceivedResponse {
  status: number
  /** Seconds in Retry-After; NaN when the response has no such field. */
  retryAfter: number
  /** Last `tailLength` characters of the body. The end of a playlist announces the next part. */
  tail: string
}

/**
 * A keep-alive connection with one request at a time. It does as little as possible, so that the bench
 * measures the server.
 */
export interface Connection {
  /** Rejects when the connection is closed, or closes before the response is complete. */
  request(target: string): Promise<ReceivedResponse>
  close(): void
}

const tailLength = 300
/** Maximum length of a response head, bytes. */
const maxHeadBytes = 1500

/** Opens a connection. Rejects when the server refuses it. */
export function openConnection(url: URL, userAgent: string): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port: Number(url.port), host: url.hostname, noDelay: true })
    let isClosed = false
    let head: string | undefined = ''
    let missingBytes = 0
    let response: ReceivedResponse = { status: 0, retryAfter: Number.NaN, tail: '' }
    let pending: { resolve(response: ReceivedResponse): void; reject(error: Error): void } | undefined

    function onData(chunk: Buffer) {
      let bodyFrom = 0
      if (head !== undefined) {
        const before = head.length
        head += chunk.toString('latin1', 0, maxHeadBytes)
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return
        const fields = head.slice(0, end)
        response = {
          status: Number(fields.slice(9, 12)),
          retryAfter: Number(/retry-after: (\d+)/i.exec(fields)?.[1] ?? Number.NaN),
          tail: '',
        }
        missingBytes = Number(/content-length: (\d+)/i.exec(fields)?.[1] ?? 0)
        bodyFrom = end + 4 - before
        head = undefined
      }
      missingBytes -= chunk.length - bodyFrom
      const from = Math.max(bodyFrom, chunk.length - tailLength)
      response.tail = (response.tail + chunk.toString('latin1', from)).slice(-tailLength)
      if (missingBytes > 0) return
      const waiting = pending
      pending = undefined
      waiting?.resolve(response)
    }
    function onEnd() {
      isClosed = true
      const error = new Error('the server closed the connection')
      pending?.reject(error)
      reject(error)
    }
    socket.on('data', onData)
    socket.on('error', onEnd)
    socket.on('close', onEnd)
    socket.on('connect', () =>
      resolve({
        request: (target) =>
          new Promise((done, fail) => {
            if (isClosed) return fail(new Error('the connection is closed'))
            head = ''
            pending = { resolve: done, reject: fail }
            socket.write(
              `GET ${target} HTTP/1.1\r\nHost: bench\r\nUser-Agent: ${userAgent}\r\n\r\n`,
              'latin1',
            )
          }),
        close() {
          pending = undefined
          isClosed = true
          socket.destroy()
        },
      }),
    )
  })
}
