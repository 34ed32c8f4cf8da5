import type { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { EventPageBody, EventQuery, EventStreamHeaders, EventStreamQuery } from '../../core/api/event.ts'
import { readProblems } from '../../core/api/problem.ts'
import type { EventService } from '../events/event-service.ts'
import type { EventStreams } from '../events/event-streams.ts'

const tags = ['events']

export interface EventRouteDependencies {
  service: EventService
  streams: EventStreams
}

/** Serves `/events` and `/events/stream` below the prefix `/v1`. */
export const eventRoutes: FastifyPluginAsyncTypebox<EventRouteDependencies> = async (
  app,
  { service, streams },
) => {
  app.addHook('preClose', async () => streams.endAll())

  app.get(
    '/events',
    {
      config: { permission: 'events:read' },
      schema: {
        tags,
        summary: 'Read the log of events, the oldest first; `nextCursor` continues after the last one',
        querystring: EventQuery,
        response: { 200: EventPageBody, ...readProblems('bad_cursor') },
      },
    },
    ({ query }) => service.list(query, query.limit ?? 50),
  )

  app.get(
    '/events/stream',
    {
      config: { permission: 'events:read' },
      schema: {
        tags,
        summary: 'Follow the log of events as server-sent events; `Last-Event-ID` continues after that event',
        querystring: EventStreamQuery,
        headers: EventStreamHeaders,
        response: {
          200: {
            description: 'endless; the id of each event is its cursor, its data is the event',
            content: { 'text/event-stream': { schema: Type.Unsafe<Readable | string>(Type.String()) } },
          },
          ...readProblems('bad_cursor', 'too_many_streams'),
        },
      },
    },
    async ({ method, query, headers }, reply) => {
      // Proxies of the kind of nginx then send each event at once.
      reply.type('text/event-stream').header('cache-control', 'no-store').header('x-accel-buffering', 'no')
      if (method === 'HEAD') return reply.send('')
      return reply.send(await streams.open(query, headers['last-event-id']))
    },
  )
}
