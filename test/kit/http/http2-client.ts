import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2'

export interface Http2Response {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

/** Sends one request on an HTTP/2 connection: a GET, unless `headers` has another `:method`. */
export function ask(
  session: ClientHttp2Session,
  path: string,
  headers: Record<string, string> = {},
): Promise<Http2Response> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path, ...headers })
    const chunks: Buffer[] = []
    let head: IncomingHttpHeaders = {}
    stream.on('response', (fields) => {
      head = fields
    })
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', reject)
    stream.on('end', () =>
      resolve({ status: Number(head[':status']), headers: head, body: Buffer.concat(chunks) }),
    )
    stream.end()
  })
}

/** Opens an HTTP/2 connection to a server with a self-signed certificate. */
export function connectHttp2(url: string, options: object = {}): ClientHttp2Session {
  const session = connect(url, { rejectUnauthorized: false, ...options })
  session.on('error', () => {})
  return session
}
