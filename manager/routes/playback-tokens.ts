import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { TokenDesk } from '../playback/token-desk.ts'
import { ChannelParams } from '../schemas/channel.ts'
import {
  NewTokenBody,
  TokenBody,
  TokenParams,
  TokenRevocationBody,
  TokenRevocationQuery,
} from '../schemas/playback-token.ts'
import { problemResponses } from '../schemas/problem.ts'

const tags = ['playback']
const path = '/channels/:slug/playback-tokens'

/** `/v1/channels/{slug}/playback-tokens` */
export const playbackTokenRoutes: FastifyPluginAsyncTypebox<{ desk: TokenDesk }> = async (app, { desk }) => {
  // A secret: no cache on the way may keep it (RFC 9111, section 5.2.2.5).
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })

  app.post(
    path,
    {
      // Everything has a default: no body is an empty one.
      preValidation: async (request) => {
        request.body ??= {}
      },
      schema: {
        tags,
        summary: 'A token for watching a signed channel; it is shown here only',
        params: ChannelParams,
        body: NewTokenBody,
        response: { 201: TokenBody, ...problemResponses('validation_failed', 'channel_not_found') },
      },
    },
    async ({ params, body, host }, reply) => reply.code(201).send(await desk.create(params.slug, body, host)),
  )

  app.delete(
    path,
    {
      schema: {
        tags,
        summary: 'Revoke all tokens of a channel, or those of a time or before; edges know within 2 s',
        params: ChannelParams,
        querystring: TokenRevocationQuery,
        response: {
          200: TokenRevocationBody,
          ...problemResponses(
            'validation_failed',
            'channel_not_found',
            'redis_unavailable',
            'revocation_pending',
          ),
        },
      },
    },
    ({ params, query }) =>
      desk.revokeAll(
        params.slug,
        query.issuedBefore === undefined ? Date.now() : Date.parse(query.issuedBefore),
      ),
  )

  app.delete(
    `${path}/:id`,
    {
      schema: {
        tags,
        summary: 'Revoke one token; edges know within 2 s',
        params: TokenParams,
        response: {
          204: Type.Null({ description: 'it is refused' }),
          ...problemResponses(
            'validation_failed',
            'channel_not_found',
            'too_many_revocations',
            'redis_unavailable',
            'revocation_pending',
          ),
        },
      },
    },
    async ({ params }, reply) => {
      await desk.revoke(params.slug, params.id)
      return reply.code(204).send(null)
    },
  )
}
