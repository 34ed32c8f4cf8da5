import type { FastifyPluginAsync } from 'fastify'
import { answerHealth, type ReadyCheck } from '../../core/process/http-server.ts'
import type { Registry } from '../../core/process/metrics.ts'

/** `/healthz`, `/readyz` and `/metrics`, answered as in every role. */
export const healthRoutes: FastifyPluginAsync<{ metrics: Registry; isReady: ReadyCheck }> = async (
  app,
  { metrics, isReady },
) => {
  for (const path of ['/healthz', '/readyz', '/metrics'])
    app.get(path, { schema: { hide: true } }, (request, reply) => {
      reply.hijack()
      answerHealth(request.raw, reply.raw, metrics, isReady)
    })
}
