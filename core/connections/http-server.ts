import { createServer, type RequestListener, type Server } from 'node:http'
import { deadlines as allDeadlines, type HttpDeadlines } from './deadlines.ts'
import { guardServer } from './http-guard.ts'

/**
 * Creates a server for other roles and operators. It ends connections that miss their deadlines and refuses
 * request heads above 16 KB. `handler` must end each response.
 */
export function createHttpServer(
  handler: RequestListener,
  deadlines: HttpDeadlines = allDeadlines.internal,
): Server {
  const { headMs, bodyMs, idleMs } = deadlines
  const server = createServer(
    {
      keepAliveTimeout: idleMs,
      headersTimeout: headMs,
      requestTimeout: bodyMs,
      maxHeaderSize: 16_384,
      noDelay: true,
    },
    handler,
  )
  guardServer(server, deadlines)
  return server
}
