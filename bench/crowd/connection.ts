import { connect, type Socket } from 'node:net'

export interface Answer {
  status: number
  /** Retry-After, s; NaN when there is none. */
  retryAfter: number
  /** The last characters of the body. */
  tail: string
}

/** A kept-alive connection that asks one thing at a time; as lean as can be, so that the server is what is measured. */
export interface Connection {
  /** @throws when the server closes the connection or none can be had. */
  ask(target: string): Promise<Answer>
  close(): void
}

const tailLength = 300
const longestHead = 1500

export function openConnection(url: URL, userAgent: string): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port: Number(url.port), host: url.hostname, noDelay: true })
    let isOver = false
    let head: string | undefined = ''
    let missing = 0
    let answer: Answer = { status: 0, retryAfter: Number.NaN, tail: '' }
    let asking: { resolve(answer: Answer): void; reject(error: Error): void } | undefined

    function hear(chunk: Buffer) {
      let bodyFrom = 0
      if (head !== undefined) {
        const before = head.length
        head += chunk.toString('latin1', 0, longestHead)
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return
        const fields = head.slice(0, end)
        answer = {
          status: Number(fields.slice(9, 12)),
          retryAfter: Number(/retry-after: (\d+)/i.exec(fields)?.[1] ?? Number.NaN),
          tail: '',
        }
        missing = Number(/content-length: (\d+)/i.exec(fields)?.[1] ?? 0)
        bodyFrom = end + 4 - before
        head = undefined
      }
      missing -= chunk.length - bodyFrom
      const from = Math.max(bodyFrom, chunk.length - tailLength)
      answer.tail = (answer.tail + chunk.toString('latin1', from)).slice(-tailLength)
      if (missing > 0) return
      const waiting = asking
      asking = undefined
      waiting?.resolve(answer)
    }
    function end() {
      isOver = true
      const error = new Error('the server closed the connection')
      asking?.reject(error)
      reject(error)
    }
    socket.on('data', hear)
    socket.on('error', end)
    socket.on('close', end)
    socket.on('connect', () =>
      resolve({
        ask: (target) =>
          new Promise((done, fail) => {
            if (isOver) return fail(new Error('the connection is closed'))
            head = ''
            asking = { resolve: done, reject: fail }
            socket.write(
              `GET ${target} HTTP/1.1\r\nHost: bench\r\nUser-Agent: ${userAgent}\r\n\r\n`,
              'latin1',
            )
          }),
        close() {
          asking = undefined
          isOver = true
          socket.destroy()
        },
      }),
    )
  })
}
