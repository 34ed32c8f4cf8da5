import { once } from 'node:events'
import { type Agent, type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'

export interface ClientResponse {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
  /** When the whole response had arrived, ms of `performance.now()`. */
  at: number
}

export interface RequestOptions {
  method?: string
  /** Path and query instead of those of the URL. They are sent without the normalization of URL parsers. */
  path?: string
  headers?: Record<string, string>
  signal?: AbortSignal
  /** Address of this machine from which the client connects; by default the system chooses. */
  from?: string
  /** By default the request has a connection of its own. */
  agent?: Agent
}

/**
 * Sends a request. Resolves with the head of the response, whose body has not been read. Unlike fetch, this
 * client does not ask for gzip and does not unpack it. Any certificate is accepted.
 */
export async function openResponse(
  url: string | URL,
  options: RequestOptions = {},
): Promise<IncomingMessage> {
  const { method = 'GET', agent = false, path, headers = {}, signal, from } = options
  const request = String(url).startsWith('https:') ? requestHttps : requestHttp
  const sent = request(url, {
    method,
    headers,
    agent,
    rejectUnauthorized: false,
    ...(path === undefined ? {} : { path }),
    ...(signal ? { signal } : {}),
    ...(from ? { localAddress: from } : {}),
  })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  sent.on('error', (error) => response.destroy(error))
  return response
}

/** Sends a request like `openResponse`, and reads the whole body. */
export async function get(url: string | URL, options: RequestOptions = {}): Promise<ClientResponse> {
  const response = await openResponse(url, options)
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const { statusCode: status = 0, headers } = response
  return { status, headers, body: Buffer.concat(chunks), at: performance.now() }
}
