import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, ListenOptions, Server as NetServer } from 'node:net'
import { NowcastError } from './errors.ts'
import { secretsMatch } from './secrets.ts'

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void

/** Returns why the process is not ready; undefined when it is ready. */
export type ReadyCheck = () => string | undefined | Promise<string | undefined>

/** The parts of a request and a response that `answerHealth` needs, so that any HTTP server can use it. */
export interface HealthRequest {
  readonly url?: string | undefined
  readonly headers?: IncomingHttpHeaders
}
export interface HealthResponse {
  writeHead(status: number, headers: Record<string, string>): unknown
  end(body: string): unknown
}

/** Source of the text of `/metrics`: one registry, or the sum of several. */
export interface MetricsText {
  contentType: string
  metrics(): Promise<string>
}

/** Time for which the text of `/metrics` is reused, ms. */
const metricsKeptMs = 1000

/**
 * Returns a source of the same metrics that makes the text at most once in `metricsKeptMs`, unless a client
 * wants a fresh one.
 */
export function cacheMetrics(metrics: MetricsText, now: () => number = () => performance.now()) {
  let text: Promise<string> | undefined
  let madeAt = Number.NEGATIVE_INFINITY
  return {
    contentType: metrics.contentType,
    /** Returns the text. `isFresh`: makes a new one, for clients that send `Cache-Control: no-cache`. */
    metrics(isFresh = false): Promise<string> {
      if (!isFresh && text !== undefined && now() - madeAt < metricsKeptMs) return text
      madeAt = now()
      const made = metrics.metrics()
      text = made
      made.catch(() => {
        if (text === made) text = undefined
      })
      return made
    },
  }
}

/**
 * Responds to `/healthz` (the process runs), `/readyz` (it can do its work) and, with `metrics`, to
 * `/metrics` (Prometheus text, at most a second old). Returns false, without a response, for any other path.
 */
export function answerHealth(
  request: HealthRequest,
  response: HealthResponse,
  metrics: MetricsText | undefined,
  isReady: ReadyCheck,
): boolean {
  const path = request.url?.split('?', 1)[0]
  if (path === '/healthz') sendText(response, 200, 'ok\n')
  else if (path === '/readyz') void answerReadiness(response, isReady)
  else if (path === '/metrics' && metrics !== undefined) void answerMetrics(request, response, metrics)
  else return false
  return true
}

async function answerReadiness(response: HealthResponse, isReady: ReadyCheck) {
  const problem = await Promise.resolve(isReady()).catch((error: Error) => error.message)
  sendText(response, problem === undefined ? 200 : 503, `${problem ?? 'ready'}\n`)
}

const cachedMetrics = new WeakMap<MetricsText, ReturnType<typeof cacheMetrics>>()

async function answerMetrics(request: HealthRequest, response: HealthResponse, metrics: MetricsText) {
  const cached = cachedMetrics.get(metrics) ?? cacheMetrics(metrics)
  cachedMetrics.set(metrics, cached)
  try {
    const body = await cached.metrics(request.headers?.['cache-control'] === 'no-cache')
    response.writeHead(200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' })
    response.end(body)
  } catch (error) {
    sendText(response, 500, `${(error as Error).message}\n`)
  }
}

/** Ends a response with plain text. No cache may store it, unless `headers` has another `cache-control`. */
export function sendText(
  response: HealthResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    ...headers,
  })
  response.end(body)
}

/** Whether a request has a key of the cluster as its bearer token. */
export function isFromCluster(request: IncomingMessage, key: string): boolean {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ')
  return scheme === 'Bearer' && token !== undefined && secretsMatch(token, key)
}

/**
 * Makes a server listen. Resolves with its port, which the system chooses when `port` is 0. `what` names the
 * listener in errors.
 * @throws NowcastError `bad_settings`, one line that says why the server cannot listen
 */
export async function listen(
  server: NetServer,
  host: string,
  port: number,
  what: string,
  options: { backlog?: number; reusePort?: boolean } = {},
): Promise<number> {
  await startListening(server, { port, host, ...options }).catch((error) => {
    throw listenError(error, host, port, what)
  })
  return (server.address() as AddressInfo).port
}

/** Resolves when the server listens, and rejects with the error of the system. */
export function startListening(server: NetServer, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Turns a failure to listen into one line for the operator. `what` names the listener or its setting. */
export function listenError(
  error: NodeJS.ErrnoException,
  host: string,
  port: number,
  what: string,
): NowcastError {
  const why =
    {
      EADDRINUSE: 'is taken by another program',
      EACCES: 'may not be opened by this user',
      EADDRNOTAVAIL: 'is not an address of this machine',
    }[error.code ?? ''] ?? `cannot be opened (${error.message})`
  return new NowcastError('bad_settings', `${what}: ${host}:${port} ${why}`)
}

/**
 * Returns the base URL of a listener for other processes. A wildcard address becomes the loopback address of
 * its family, because clients cannot connect to it.
 */
export function urlOf(host: string, port: number, scheme: 'http' | 'https' = 'http'): string {
  const name = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
  return `${scheme}://${name.includes(':') ? `[${name}]` : name}:${port}`
}

/**
 * Accepts no more connections, closes idle ones, and destroys the rest after `graceMs`. Resolves when all are
 * closed.
 */
export async function closeServer(server: Server, graceMs = 1000): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(timer)
}
