import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { ChannelDesk } from '../channels/channel-desk.ts'
import {
  ChannelBody,
  ChannelChangesBody,
  ChannelPage,
  ChannelParams,
  CreatedChannelBody,
  NewChannelBody,
} from '../schemas/channel.ts'
import { pageQuery } from '../schemas/media.ts'
import { problemResponses } from '../schemas/problem.ts'

const tags = ['channels']
const ChannelQuery = Type.Object(pageQuery, { additionalProperties: false })

/** `/v1/channels` */
export const channelRoutes: FastifyPluginAsyncTypebox<{ desk: ChannelDesk }> = async (app, { desk }) => {
  app.post(
    '/channels',
    {
      schema: {
        tags,
        summary: 'Make a channel; the answer holds its stream key',
        body: NewChannelBody,
        response: { 201: CreatedChannelBody, ...problemResponses('validation_failed', 'slug_taken') },
      },
    },
    async (request, reply) => {
      const channel = await desk.create(request.body, request.host)
      return reply.code(201).header('location', `/v1/channels/${channel.slug}`).send(channel)
    },
  )

  app.get(
    '/channels',
    {
      schema: {
        tags,
        summary: 'All channels by slug',
        querystring: ChannelQuery,
        response: { 200: ChannelPage, ...problemResponses('validation_failed', 'bad_cursor') },
      },
    },
    ({ query, host }) => desk.list(query.limit ?? 50, query.cursor, host),
  )

  app.get(
    '/channels/:slug',
    {
      schema: {
        tags,
        summary: 'One channel',
        params: ChannelParams,
        response: { 200: ChannelBody, ...problemResponses('channel_not_found') },
      },
    },
    ({ params, host }) => desk.get(params.slug, host),
  )

  app.patch(
    '/channels/:slug',
    {
      schema: {
        tags,
        summary:
          'Change a channel; latency, takeover and record hold from the next session on, disabling at once',
        params: ChannelParams,
        body: ChannelChangesBody,
        response: {
          200: ChannelBody,
          ...problemResponses(
            'validation_failed',
            'channel_not_found',
            'redis_unavailable',
            'revocation_pending',
          ),
        },
      },
    },
    ({ params, body, host }) => desk.change(params.slug, body, host),
  )

  app.delete(
    '/channels/:slug',
    {
      schema: {
        tags,
        summary:
          'Delete a channel: its key stops working and what is on air ends; its sessions stay in the history',
        params: ChannelParams,
        response: {
          204: Type.Null({ description: 'gone' }),
          ...problemResponses('channel_not_found', 'redis_unavailable', 'revocation_pending'),
        },
      },
    },
    async ({ params }, reply) => {
      await desk.remove(params.slug)
      return reply.code(204).send(null)
    },
  )
}
