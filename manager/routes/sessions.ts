import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { problemResponses } from '../schemas/problem.ts'
import { SessionBody, SessionPage, SessionParams, SessionQuery } from '../schemas/session.ts'
import type { SessionDesk } from '../sessions/session-desk.ts'

const tags = ['sessions']

/** `/v1/sessions` */
export const sessionRoutes: FastifyPluginAsyncTypebox<{ desk: SessionDesk }> = async (app, { desk }) => {
  app.get(
    '/sessions',
    {
      schema: {
        tags,
        summary: 'Sessions, newest first',
        querystring: SessionQuery,
        response: { 200: SessionPage, ...problemResponses('validation_failed', 'bad_cursor') },
      },
    },
    ({ query }) => desk.list({ slug: query.channel, state: query.state }, query.limit ?? 50, query.cursor),
  )

  app.get(
    '/sessions/:id',
    {
      schema: {
        tags,
        summary: 'One session',
        params: SessionParams,
        response: { 200: SessionBody, ...problemResponses('session_not_found') },
      },
    },
    ({ params }) => desk.get(params.id),
  )

  app.post(
    '/sessions/:id/stop',
    {
      schema: {
        tags,
        summary:
          'End a session: its publisher is disconnected, its playlists end. Answers before that is done',
        params: SessionParams,
        response: {
          202: SessionBody,
          ...problemResponses('session_not_found', 'session_ended', 'redis_unavailable'),
        },
      },
    },
    async ({ params }, reply) => reply.code(202).send(await desk.stop(params.id)),
  )
}
