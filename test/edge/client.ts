import { type Agent, type IncomingHttpHeaders, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { connect } from 'node:net'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
  /** When the whole answer was there, ms of `performance.now()`. */
  at: number
}

export interface Ask {
  method?: string
  headers?: Record<string, string>
  signal?: AbortSignal
  agent?: Agent
}

/** One request over a connection of its own, unless `agent` keeps one. Any certificate will do. */
export function get(url: string, { method = 'GET', headers = {}, signal, agent }: Ask = {}): Promise<Answer> {
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

/** Sends `text` as it is and gives all that comes back until the server closes, or a first status line has come. */
export function sendRaw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text, 'latin1'))
    let answer = ''
    socket.setTimeout(5000, () => socket.destroy(new Error('no answer within 5 s')))
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
      if (answer.includes('\r\n\r\n')) socket.end()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}
