import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { HealthQuery, SessionHealthBody } from '../../core/api/health.ts'
import { readProblems, writeProblems } from '../../core/api/problem.ts'
import { SessionBody, SessionListPage, SessionParams, SessionQuery } from '../../core/api/session.ts'
import type { HealthService } from '../coach/health-service.ts'
import type { SessionService } from '../sessions/session-service.ts'

const tags = ['sessions']

export const sessionRoutes: FastifyPluginAsyncTypebox<{
  service: SessionService
  health: Pick<HealthService, 'get'>
}> = async (app, { service, health }) => {
  app.get(
    '/sessions',
    {
      config: { permission: 'sessions:read' },
      schema: {
        tags,
        summary: 'List the sessions that you may see, newest first',
        querystring: SessionQuery,
        response: { 200: SessionListPage, ...readProblems('bad_cursor') },
      },
    },
    ({ query, reach }) =>
      service.list(reach, { slug: query.channel, state: query.state }, query.limit ?? 50, query.cursor),
  )

  app.get(
    '/sessions/:id',
    {
      config: { permission: 'sessions:read' },
      schema: {
        tags,
        summary: 'Get a session',
        params: SessionParams,
        response: { 200: SessionBody, ...readProblems('session_not_found') },
      },
    },
    ({ params }) => service.get(params.id),
  )

  app.get(
    '/sessions/:id/health',
    {
      config: { permission: 'sessions:read' },
      schema: {
        tags,
        summary: 'Judge the signal of a session: its verdict, its issues and what to change, and its samples',
        params: SessionParams,
        querystring: HealthQuery,
        response: { 200: SessionHealthBody, ...readProblems('session_not_found', 'redis_unavailable') },
      },
    },
    ({ params, query: { language = 'en', seconds = 60 } }) => health.get(params.id, { language, seconds }),
  )

  app.post(
    '/sessions/:id/stop',
    {
      config: { permission: 'sessions:stop', audit: 'session.stop' },
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
