import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ChannelParams, StreamKeyBody } from '../../core/api/channel.ts'
import { readProblems, writeProblems } from '../../core/api/problem.ts'
import type { StreamKeyService } from '../channels/stream-key-service.ts'

const tags = ['channels']
const path = '/channels/:slug/stream-key'

export const streamKeyRoutes: FastifyPluginAsyncTypebox<{ service: StreamKeyService }> = async (
  app,
  { service },
) => {
  // The response contains a secret, which no cache may store (RFC 9111, section 5.2.2.5).
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })

  app.get(
    path,
    {
      config: { permission: 'keys:read', audit: 'channel.key_read' },
      schema: {
        tags,
        summary: 'Get the stream key, which lets its holder publish',
        params: ChannelParams,
        response: {
          200: StreamKeyBody,
          ...readProblems('sign_in_again', 'channel_not_found', 'key_unreadable'),
        },
      },
    },
    ({ params, host }) => service.read(params.slug, host),
  )

  app.post(
    path,
    {
      config: { permission: 'keys:write', audit: 'channel.key_rotate' },
      schema: {
        tags,
        summary: 'Create a new stream key; new publishers can no longer use the old one',
        params: ChannelParams,
        response: {
          200: StreamKeyBody,
          ...writeProblems(
            'sign_in_again',
            'channel_not_found',
            'channel_changed',
            'redis_unavailable',
            'revocation_pending',
          ),
        },
      },
    },
    ({ params, host }) => service.rotate(params.slug, host),
  )
}
