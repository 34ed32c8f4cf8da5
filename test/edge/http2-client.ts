import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2'

export interface Http2Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

/** One request on a connection of HTTP/2. */
export function ask(
  session: ClientHttp2Session,
  path: string,
  headers: Record<string, string> = {},
): Promise<Http2Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path, ...headers })
    const chunks: Buffer[] = []
    let answer: IncomingHttpHeaders = {}
    stream.on('response', (fields) => {
      answer = fields
    })
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', reject)
    stream.on('end', () =>
      resolve({ status: Number(answer[':status']), headers: answer, body: Buffer.concat(chunks) }),
    )
    stream.end()
  })
}

/** A connection of HTTP/2 to a server whose certificate nobody signed. */
export function connectHttp2(url: string, options: object = {}): ClientHttp2Session {
  const session = connect(url, { rejectUnauthorized: false, ...options })
  session.on('error', () => {})
  return session
}
