import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify'
import { ConnectionLimit, type ConnectionLimits } from '../core/connections/connection-limit.ts'
import { deadlines as allDeadlines, type HttpDeadlines } from '../core/connections/deadlines.ts'
import { guardServer } from '../core/connections/http-guard.ts'
import { listenError } from '../core/process/http-server.ts'
import { type Log, limitLines } from '../core/process/log.ts'
import { answerUnknownRoutes } from './http/allowed-methods.ts'
import { Problem } from './http/problem.ts'
import { answerClientError, answerError, sendProblem } from './http/problem-handlers.ts'
import { addRequestIds, requestIdOf } from './http/request-id.ts'
import { acceptJsonOnly, compileValidator } from './http/request-parsing.ts'
import { addSecurityHeaders } from './http/security-headers.ts'

/**
 * Maximum length of a request body, bytes, unless its route has a limit of its own. The longest valid request
 * is shorter.
 */
const bodyLimit = 16_384

/** Creates an HTTP server with limits and error handlers, but without routes. */
export function createServer(
  log: Log,
  limits: ConnectionLimits,
  deadlines: HttpDeadlines = allDeadlines.manager,
): FastifyInstance {
  const { headMs, bodyMs, idleMs } = deadlines
  const app: FastifyInstance = fastify({
    loggerInstance: log as FastifyBaseLogger,
    // Requests are counted, not logged. Services log what they change.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIdOf,
    // Lines of a request get its id from `logContext`, so that a logger for each request is not needed.
    childLoggerFactory: (logger) => logger,
    bodyLimit,
    keepAliveTimeout: idleMs,
    requestTimeout: bodyMs,
    http: { headersTimeout: headMs, maxHeaderSize: 16_384 },
    forceCloseConnections: true,
    return503OnClosing: true,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, _request, reply) =>
      void sendProblem(reply as never, new Problem('bad_request', error.message)),
  })
    .setValidatorCompiler(compileValidator)
    .withTypeProvider<TypeBoxTypeProvider>()
  const limitedLog = limitLines(log)
  app.setErrorHandler((error, _request, reply) => answerError(error, reply, limitedLog))
  addRequestIds(app)
  addSecurityHeaders(app)
  answerUnknownRoutes(app)
  acceptJsonOnly(app)
  guardServer(app.server, deadlines)
  const places = new ConnectionLimit({ ...limits, sparesLoopback: true })
  app.server.prependListener('connection', (socket) => void places.screen(socket))
  return app
}

/**
 * Makes the server listen. Returns the port, which the system chooses when `port` is 0. `sharesPort`: whether
 * other processes may listen at it too.
 * @throws NowcastError `bad_settings` when the port is not available
 */
export async function listen(
  app: FastifyInstance,
  host: string,
  port: number,
  sharesPort = false,
): Promise<number> {
  await app.ready()
  try {
    await app.listen({ host, port, ...(sharesPort ? { reusePort: true } : {}) })
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, host, port, 'NOWCAST_MANAGER_PORT')
  }
  return portOf(app) ?? port
}

/** Returns the TCP port of the server; undefined while the server does not listen. */
export function portOf(app: FastifyInstance): number | undefined {
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : undefined
}
