import helmet from '@fastify/helmet'
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify'
import type { ReadyCheck } from '../core/process/http-server.ts'
import type { Log } from '../core/process/log.ts'
import type { Registry } from '../core/process/metrics.ts'
import type { ChannelDesk } from './channels/channel-desk.ts'
import { createAdminAuth } from './http/admin-auth.ts'
import { answerClientError } from './http/client-error.ts'
import { acceptEmptyJson } from './http/empty-json.ts'
import type { FailedAttempts } from './http/failed-attempts.ts'
import { answerError, answerNotFound, sendProblem } from './http/problem-handlers.ts'
import { Problem } from './http/problems.ts'
import { measureRequests } from './http/request-metrics.ts'
import { helmetOptions } from './http/security-headers.ts'
import type { TokenDesk } from './playback/token-desk.ts'
import { channelRoutes } from './routes/channels.ts'
import { registerDocs } from './routes/docs.ts'
import { healthRoutes } from './routes/health.ts'
import { type PageParts, pageRoutes } from './routes/pages.ts'
import { playbackTokenRoutes } from './routes/playback-tokens.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { type SteeringParts, steeringRoutes } from './routes/steering.ts'
import { streamKeyRoutes } from './routes/stream-key.ts'
import type { SessionDesk } from './sessions/session-desk.ts'

export interface AppParts {
  log: Log
  adminToken: string
  failures: FailedAttempts
  channels: ChannelDesk
  tokens: TokenDesk
  sessions: SessionDesk
  pages: PageParts
  steering: SteeringParts
  metrics: Registry
  isReady: ReadyCheck
}

/** Larger than any request of this API, bytes. */
const bodyLimit = 16_384

/** The manager's HTTP side as a plugin tree that does not listen yet. */
export async function createApp(parts: AppParts): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: parts.log as FastifyBaseLogger,
    // Requests are counted, not logged; whatever changes something logs it itself.
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
  measureRequests(app, parts.metrics)

  await app.register(helmet, helmetOptions)
  await registerDocs(app)
  await app.register(healthRoutes, parts)
  await app.register(pageRoutes, parts.pages)
  await app.register(steeringRoutes, parts.steering)
  await app.register(
    async (v1) => {
      v1.addHook('onRequest', createAdminAuth(parts.adminToken, parts.failures))
      await v1.register(channelRoutes, { desk: parts.channels })
      await v1.register(streamKeyRoutes, { desk: parts.channels })
      await v1.register(playbackTokenRoutes, { desk: parts.tokens })
      await v1.register(sessionRoutes, { desk: parts.sessions })
    },
    { prefix: '/v1' },
  )
  return app
}
