import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify'
import { listenError } from '../core/process/http-server.ts'
import type { Log } from '../core/process/log.ts'
import { Problem } from './http/problem.ts'
import { answerClientError, answerError, answerNotFound, sendProblem } from './http/problem-handlers.ts'

/** Maximum length of a request body, bytes. The longest valid request is shorter. */
const bodyLimit = 16_384

/** Creates an HTTP server with limits and error handlers, but without routes. */
export function createServer(log: Log): FastifyInstance {
  const app: FastifyInstance = fastify({
    loggerInstance: log as FastifyBaseLogger,
    // Requests are counted, not logged. Services log what they change.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    keepAliveTimeout: 75_000,
    requestTimeout: 30_000,
    http: { headersTimeout: 10_000, maxHeaderSize: 16_384 },
    forceCloseConnections: true,
    return503OnClosing: true,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, _request, reply) =>
      void sendProblem(reply as never, new Problem('bad_request', error.message)),
  })
    .setValidatorCompiler(TypeBoxValidatorCompiler)
    .withTypeProvider<TypeBoxTypeProvider>()
  app.setErrorHandler(answerError)
  app.setNotFoundHandler(answerNotFound)
  acceptEmptyJson(app)
  return app
}

/**
 * Treats an empty body declared as JSON as no body, because many clients send `content-type:
 * application/json` with every POST.
 */
function acceptEmptyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else parse(request, body, done)
  })
}

/**
 * Returns the port, which the system chooses when `port` is 0.
 * @throws NowcastError `bad_settings` when the port is not available
 */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<number> {
  await app.ready()
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, host, port, 'NOWCAST_MANAGER_PORT')
  }
  return portOf(app) ?? port
}

/** Returns undefined while the app does not listen. */
export function portOf(app: FastifyInstance): number | undefined {
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : undefined
}
