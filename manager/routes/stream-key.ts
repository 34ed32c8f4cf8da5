import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { ChannelDesk } from '../channels/channel-desk.ts'
import { ChannelParams, StreamKeyBody } from '../schemas/channel.ts'
import { problemResponses } from '../schemas/problem.ts'

const tags = ['channels']
const path = '/channels/:slug/stream-key'

/** `/v1/channels/{slug}/stream-key` */
export const streamKeyRoutes: FastifyPluginAsyncTypebox<{ desk: ChannelDesk }> = async (app, { desk }) => {
  // A secret: no cache on the way may keep it (RFC 9111, section 5.2.2.5).
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })

  app.get(
    path,
    {
      schema: {
        tags,
        summary: 'The stream key, for who may publish',
        params: ChannelParams,
        response: { 200: StreamKeyBody, ...problemResponses('channel_not_found', 'key_unreadable') },
      },
    },
    ({ params, host }) => desk.readKey(params.slug, host),
  )

  app.post(
    path,
    {
      schema: {
        tags,
        summary: 'A new stream key; the old one stops working at once for new publishes',
        params: ChannelParams,
        response: {
          200: StreamKeyBody,
          ...problemResponses(
            'channel_not_found',
            'channel_changed',
            'redis_unavailable',
            'revocation_pending',
          ),
        },
      },
    },
    ({ params, host }) => desk.rotateKey(params.slug, host),
  )
}
