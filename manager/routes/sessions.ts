import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { readProblems, writeProblems } from '../../core/api/problem.ts'
import { SessionBody, SessionListPage, SessionParams, SessionQuery } from '../../core/api/session.ts'
import type { SessionService } from '../sessions/session-service.ts'

const tags = ['sessions']

export const sessionRoutes: FastifyPluginAsyncTypebox<{ service: SessionService }> = async (
  app,
  { service },
) => {
  app.get(
    '/sessions',
    {
      schema: {
        tags,
        summary: 'List sessions, newest first',
        querystring: SessionQuery,
        response: { 200: SessionListPage, ...readProblems('bad_cursor') },
      },
    },
    ({ query }) => service.list({ slug: query.channel, state: query.state }, query.limit ?? 50, query.cursor),
  )

  app.get(
    '/sessions/:id',
    {
      schema: {
        tags,
        summary: 'Get a session',
        params: SessionParams,
        response: { 200: SessionBody, ...readProblems('session_not_found') },
      },
    },
    ({ params }) => service.get(params.id),
  )

  app.post(
    '/sessions/:id/stop',
    {
      schema: {
        tags,
        summary:
          'Stop a session: disconnects its publisher and ends its playlists. Responds before that is done',
        params: SessionParams,
        response: {
          202: SessionBody,
          ...writeProblems('session_not_found', 'session_ended', 'redis_unavailable'),
        },
      },
    },
    async ({ params }, reply) => reply.code(202).send(await service.stop(params.id)),
  )
}
