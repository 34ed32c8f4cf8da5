import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import {
  ChannelBody,
  ChannelChangesBody,
  ChannelListPage,
  ChannelParams,
  ChannelQuery,
  CreatedChannelBody,
  NewChannelBody,
} from '../../core/api/channel.ts'
import { IfMatch } from '../../core/api/common.ts'
import { readProblems, writeProblems } from '../../core/api/problem.ts'
import type { ChannelService } from '../channels/channel-service.ts'
import { versionsOf } from '../http/entity-tag.ts'

const tags = ['channels']

type ChannelRoutes = FastifyPluginAsyncTypebox<{ service: ChannelService }>

/** Serves `/channels` and `/channels/{slug}` below the prefix `/v1`. */
export const channelRoutes: ChannelRoutes = async (app, options) => {
  await app.register(collectionRoutes, options)
  await app.register(itemRoutes, options)
}

const collectionRoutes: ChannelRoutes = async (app, { service }) => {
  app.post(
    '/channels',
    {
      config: { permission: 'channels:create', audit: 'channel.create' },
      schema: {
        tags,
        summary: 'Create a channel; the response contains its stream key',
        body: NewChannelBody,
        response: { 201: CreatedChannelBody, ...writeProblems('slug_taken') },
      },
    },
    async (request, reply) => {
      const channel = await service.create(request.body, request.host)
      return reply.code(201).header('location', `/v1/channels/${channel.slug}`).send(channel)
    },
  )

  app.get(
    '/channels',
    {
      config: { permission: 'channels:read' },
      schema: {
        tags,
        summary: 'List the channels that you may see, by slug',
        querystring: ChannelQuery,
        response: { 200: ChannelListPage, ...readProblems('bad_cursor') },
      },
    },
    ({ query, reach, host }) => service.list(reach, query.limit ?? 50, query.cursor, host),
  )
}

const itemRoutes: ChannelRoutes = async (app, { service }) => {
  app.get(
    '/channels/:slug',
    {
      config: { permission: 'channels:read' },
      schema: {
        tags,
        summary: 'Get a channel',
        params: ChannelParams,
        response: { 200: ChannelBody, ...readProblems('channel_not_found') },
      },
    },
    ({ params, host }) => service.get(params.slug, host),
  )

  app.patch(
    '/channels/:slug',
    {
      config: { permission: 'channels:write', audit: 'channel.change' },
      schema: {
        tags,
        summary:
          'Change a channel; latency and priority apply from the next session, takeover and grace time from the next publish, disabling at once',
        params: ChannelParams,
        headers: IfMatch,
        body: ChannelChangesBody,
        response: {
          200: ChannelBody,
          ...writeProblems(
            'channel_not_found',
            'precondition_failed',
            'redis_unavailable',
            'revocation_pending',
          ),
        },
      },
    },
    ({ params, body, headers, host }) =>
      service.change(params.slug, body, host, versionsOf(headers['if-match'])),
  )

  app.delete(
    '/channels/:slug',
    {
      config: { permission: 'channels:delete', audit: 'channel.delete' },
      schema: {
        tags,
        summary: 'Delete a channel: its key stops working and its session ends; the history stays',
        params: ChannelParams,
        headers: IfMatch,
        response: {
          204: Type.Null({ description: 'deleted' }),
          ...writeProblems(
            'sign_in_again',
            'channel_not_found',
            'precondition_failed',
            'redis_unavailable',
            'revocation_pending',
          ),
        },
      },
    },
    async ({ params, headers }, reply) => {
      await service.remove(params.slug, versionsOf(headers['if-match']))
      return reply.code(204).send(null)
    },
  )
}
