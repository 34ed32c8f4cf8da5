import type { IncomingMessage, ServerResponse } from 'node:http'
import { isSessionId } from '../../core/contracts/id-patterns.ts'
import { flvFromField } from '../../core/media/flv-tag.ts'
import { isFromCluster, type RequestHandler, sendText } from '../../core/process/http-server.ts'
import type { Log } from '../../core/process/log.ts'
import { type FlvSubscriber, HttpSubscriber } from './flv-subscriber.ts'

const prefix = '/flv/'
const maxSubscribersPerSession = 8

/** Returns the session time in a request, ms; undefined when there is none. */
function fromOf({ headers }: IncomingMessage): number | undefined {
  const from = Number(headers[flvFromField] ?? Number.NaN)
  return Number.isFinite(from) ? from : undefined
}

export const flvPath = (sessionId: string) => `${prefix}${sessionId}`

interface FlvSource {
  readonly subscriberCount: number
  subscribe(subscriber: FlvSubscriber): () => void
}

export interface FlvHandlerOptions {
  findSession: (sessionId: string) => FlvSource | undefined
  sourceKey: string
  log: Log
  /** Called for each subscriber that is dropped because it is too slow. */
  onDropped: () => void
  /** Called for each subscriber whose connection has closed. */
  onLeft: (sessionId: string) => void
}

/**
 * Responds to `GET /flv/<session>` with the session as FLV, from a tag at which decoding can start. The
 * header field `flvFromField` may name a session time from which media is needed. Other responses: 401
 * without the key of transcoders, 404 when the session is not live here, 405 for other methods, 503 when it
 * has too many subscribers. The body ends with the session. A subscriber that is too slow is cut off and may
 * subscribe again.
 */
export function createFlvHandler(options: FlvHandlerOptions): RequestHandler {
  const { findSession, sourceKey, log, onDropped, onLeft } = options
  return (request: IncomingMessage, response: ServerResponse) => {
    if (!isFromCluster(request, sourceKey)) return sendText(response, 401, 'unauthorized\n')
    if (request.method !== 'GET') return sendText(response, 405, 'only GET\n', { allow: 'GET' })
    const sessionId = request.url?.startsWith(prefix) ? request.url.slice(prefix.length) : ''
    const session = isSessionId(sessionId) ? findSession(sessionId) : undefined
    if (!session) return sendText(response, 404, 'no such session\n')
    if (session.subscriberCount >= maxSubscribersPerSession)
      return sendText(response, 503, 'too many subscribers\n')
    response.writeHead(200, { 'content-type': 'video/x-flv', 'cache-control': 'no-store' })
    response.flushHeaders()
    const onSlow = (why: string) => {
      log.warn({ sessionId, why }, 'FLV subscriber dropped')
      onDropped()
    }
    const subscriber = new HttpSubscriber(response, onSlow, fromOf(request))
    const unsubscribe = session.subscribe(subscriber)
    const leave = () => {
      unsubscribe()
      subscriber.stop()
    }
    response.on('close', () => {
      leave()
      onLeft(sessionId)
    })
    response.on('error', leave)
  }
}
