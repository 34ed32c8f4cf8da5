import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { ChannelParams } from '../../core/api/channel.ts'
import {
  NewTokenBody,
  TokenBody,
  TokenParams,
  TokenRevocationBody,
  TokenRevocationQuery,
} from '../../core/api/playback-token.ts'
import { writeProblems } from '../../core/api/problem.ts'
import { timeOf } from '../http/request-parsing.ts'
import type { TokenService } from '../playback/token-service.ts'

const tags = ['playback']
const path = '/channels/:slug/playback-tokens'

export const playbackTokenRoutes: FastifyPluginAsyncTypebox<{ service: TokenService }> = async (
  app,
  { service },
) => {
  // The response to POST contains a secret, which no cache may store (RFC 9111, section 5.2.2.5).
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })

  app.post(
    path,
    {
      // All fields are optional, so a missing body is an empty one.
      preValidation: async (request) => {
        if (request.body === undefined) request.body = {}
      },
      config: { permission: 'playback:sign' },
      schema: {
        tags,
        summary: 'Create a token for watching a signed channel; it is shown only here',
        params: ChannelParams,
        body: NewTokenBody,
        response: { 201: TokenBody, ...writeProblems('channel_not_found') },
      },
    },
    async ({ params, body, host }, reply) =>
      reply.code(201).send(await service.create(params.slug, body, host)),
  )

  app.delete(
    path,
    {
      config: { permission: 'playback:sign', audit: 'channel.playback_revoke' },
      schema: {
        tags,
        summary:
          'Revoke all tokens of a channel, or those issued up to a time; effective at edges within 2 s',
        params: ChannelParams,
        querystring: TokenRevocationQuery,
        response: {
          200: TokenRevocationBody,
          ...writeProblems('channel_not_found', 'redis_unavailable', 'revocation_pending'),
        },
      },
    },
    ({ params, query }) =>
      service.revokeAll(
        params.slug,
        query.issuedBefore === undefined ? Date.now() : timeOf(query.issuedBefore),
      ),
  )

  app.delete(
    `${path}/:id`,
    {
      config: { permission: 'playback:sign', audit: 'channel.playback_revoke' },
      schema: {
        tags,
        summary: 'Revoke one token; effective at edges within 2 s',
        params: TokenParams,
        response: {
          204: Type.Null({ description: 'revoked' }),
          ...writeProblems(
            'channel_not_found',
            'too_many_revocations',
            'redis_unavailable',
            'revocation_pending',
          ),
        },
      },
    },
    async ({ params }, reply) => {
      await service.revoke(params.slug, params.id)
      return reply.code(204).send(null)
    },
  )
}
