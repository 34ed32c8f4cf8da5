import type { IncomingMessage, ServerResponse } from 'node:http'
import { isSessionId } from '../../core/contracts/id-patterns.ts'
import { isFromCluster, sendText } from '../../core/process/http-server.ts'
import type { Log } from '../../core/process/log.ts'
import { maxReadersPerSession } from '../limits.ts'
import type { SessionReader } from '../session/readers.ts'
import { createFlvReader } from './flv-reader.ts'

const prefix = '/flv/'

/** Path under which a session is pulled. */
export const flvPath = (sessionId: string) => `${prefix}${sessionId}`

interface ReadableSession {
  readonly readerCount: number
  attach(reader: SessionReader): () => void
}

export interface FlvOutputOptions {
  findSession: (sessionId: string) => ReadableSession | undefined
  clusterSecret: string
  log: Log
  onDropped: () => void
}

/**
 * Answers `GET /flv/<session>` with the session as FLV from its newest keyframe on: 401 without the cluster secret,
 * 404 for a session that is not here, 503 when it has too many readers. The body ends with the session; a body that is
 * torn says that the reader was too slow or the source has changed, and that it may come again.
 */
export function createFlvOutput({ findSession, clusterSecret, log, onDropped }: FlvOutputOptions) {
  return (request: IncomingMessage, response: ServerResponse) => {
    if (!isFromCluster(request, clusterSecret)) return sendText(response, 401, 'unauthorized\n')
    if (request.method !== 'GET') return sendText(response, 405, 'only GET\n', { allow: 'GET' })
    const sessionId = request.url?.startsWith(prefix) ? request.url.slice(prefix.length) : ''
    const session = isSessionId(sessionId) ? findSession(sessionId) : undefined
    if (!session) return sendText(response, 404, 'no such session\n')
    if (session.readerCount >= maxReadersPerSession) return sendText(response, 503, 'too many readers\n')
    response.writeHead(200, { 'content-type': 'video/x-flv', 'cache-control': 'no-store' })
    response.flushHeaders()
    const reader = createFlvReader({
      response,
      onDropped(why) {
        log.warn({ sessionId, why }, 'flv reader dropped')
        onDropped()
      },
    })
    const detach = session.attach(reader)
    response.on('close', detach)
    response.on('error', detach)
  }
}
