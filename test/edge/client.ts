import { type Agent, type IncomingHttpHeaders, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { connect } from 'node:net'

export interface ClientResponse {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
  /** When the whole response had arrived, ms of `performance.now()`. */
  at: number
}

export interface RequestOptions {
  method?: string
  headers?: Record<string, string>
  signal?: AbortSignal
  agent?: Agent
}

/** Sends one request over a connection of its own, or one of `agent`. Any certificate is accepted. */
export function get(
  url: string,
  { method = 'GET', headers = {}, signal, agent }: RequestOptions = {},
): Promise<ClientResponse> {
  return new Promise((resolve, reject) => {
    const options = {
      method,
      headers,
      agent: agent ?? false,
      rejectUnauthorized: false,
      ...(signal ? { signal } : {}),
    }
    const request = url.startsWith('https:') ? requestHttps : requestHttp
    const sent = request(url, options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
          at: performance.now(),
        }),
      )
    })
    sent.on('error', reject)
    sent.end()
  })
}

/** Sends `text` unchanged. Returns what comes back until the server closes or a first head has arrived. */
export function sendRaw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text, 'latin1'))
    let received = ''
    socket.setTimeout(5000, () => socket.destroy(new Error('no response within 5 s')))
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      if (received.includes('\r\n\r\n')) socket.end()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(received))
  })
}
