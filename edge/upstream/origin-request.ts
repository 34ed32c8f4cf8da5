import type { Agent, IncomingMessage, request as requestHttp } from 'node:http'
import { exactAgeHeader } from '../../core/contracts/cluster-headers.ts'
import { type Failure, timedOut, unreachable } from '../objects/failure.ts'
import { readBody } from './body.ts'

/** A request to an origin, or to another edge. */
export interface UpstreamRequest {
  /** Base URL of the origin. */
  url: string
  /** Path and query, appended to `url` as they are. */
  target: string
  /**
   * Whether the origin may hold the response. Such requests have their own sockets, so they never delay
   * others.
   */
  isHeld: boolean
  /**
   * Whether the object may not exist. Such guesses may only be a fraction of the held requests to an origin.
   */
  isGuess?: boolean
  /** Maximum length of the body, bytes. A longer one is a failure. */
  maxBodyBytes: number
  signal: AbortSignal
}

/** An origin's response, whatever its status. */
export interface UpstreamResponse {
  status: number
  contentType: string | undefined
  cacheControl: string | undefined
  contentEncoding: string | undefined
  /** Age of the response on arrival, s. */
  age: number
  body: Buffer
}

export const isResponse = (outcome: UpstreamResponse | Failure): outcome is UpstreamResponse =>
  'body' in outcome

/** How a request is sent: over HTTP or HTTPS, on a kept connection or a new one. */
export interface RequestTransport {
  request: typeof requestHttp
  /** Pool of kept connections; false for a connection of the request's own. */
  agent: Agent | false
  headers: Record<string, string>
}

/** Time limits of one attempt, ms. */
export interface RequestTimeouts {
  connectMs: number
  /** Maximum time to the headers of the response. */
  responseMs: number
  /** Maximum time without data within the body. */
  stallMs: number
}

/**
 * Sends a request once. Resolves with the response or a failure; rejects only when the URL is not valid.
 * `stale_socket`: the request failed on a reused connection, which the origin had probably just closed.
 */
export function requestOnce(
  { url, target, maxBodyBytes, signal }: UpstreamRequest,
  { request, agent, headers }: RequestTransport,
  { connectMs, responseMs, stallMs }: RequestTimeouts,
): Promise<UpstreamResponse | Failure | 'stale_socket'> {
  return new Promise((resolve) => {
    const sent = request(url + target, { agent, headers })
    let failure = unreachable
    let hasResponse = false
    const giveUp = () => {
      failure = timedOut
      sent.destroy()
    }
    const onAbort = () => sent.destroy()
    let timer = setTimeout(giveUp, responseMs)
    const conclude = (outcome: UpstreamResponse | Failure | 'stale_socket') => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      resolve(outcome)
    }
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) sent.destroy()
    sent.on('socket', (socket) => {
      if (!socket.connecting) return
      const connectTimer = setTimeout(() => sent.destroy(), connectMs)
      socket.once('connect', () => clearTimeout(connectTimer))
      socket.once('close', () => clearTimeout(connectTimer))
    })
    sent.on('error', () => {
      const isStale = sent.reusedSocket && failure === unreachable && !signal.aborted
      conclude(isStale ? 'stale_socket' : failure)
    })
    sent.on('close', () => {
      if (!hasResponse) conclude(failure)
    })
    sent.on('response', (response) => {
      hasResponse = true
      clearTimeout(timer)
      timer = setTimeout(giveUp, stallMs)
      const onProgress = () => timer.refresh()
      void readBody(response, maxBodyBytes, onProgress).then((body) => {
        if (Buffer.isBuffer(body)) conclude(responseOf(response, body))
        else conclude(failure === timedOut ? timedOut : body)
      })
    })
    sent.end()
  })
}

function responseOf({ statusCode, headers }: IncomingMessage, body: Buffer): UpstreamResponse {
  const exactAge = headers[exactAgeHeader]
  const age = typeof exactAge === 'string' ? Number(exactAge) / 1000 : Number(headers.age ?? 0)
  return {
    status: statusCode ?? 0,
    contentType: headers['content-type'],
    cacheControl: headers['cache-control'],
    contentEncoding: headers['content-encoding'],
    age: Number.isFinite(age) && age > 0 ? age : 0,
    body,
  }
}
