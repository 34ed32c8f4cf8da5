import type { Socket } from 'node:net'
import { Problem, problemBody, problemMediaType } from './problems.ts'

/** Answers what is no HTTP request at all, and hangs up. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const body = JSON.stringify(problemBody(new Problem('bad_request', 'This is not an HTTP/1.1 request')))
  const head = [
    'HTTP/1.1 400 Bad Request',
    `content-type: ${problemMediaType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
