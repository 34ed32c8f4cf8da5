import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import {
  ApiTokenListPage,
  ApiTokenParams,
  ApiTokenQuery,
  CreatedApiTokenBody,
  NewApiTokenBody,
} from '../../core/api/account.ts'
import { readProblems, writeProblems } from '../../core/api/problem.ts'
import type { ApiTokenService } from '../accounts/api-token-service.ts'

const tags = ['accounts']

/** Serves `/tokens` below the prefix `/v1`. */
export const apiTokenRoutes: FastifyPluginAsyncTypebox<{ service: ApiTokenService }> = async (
  app,
  { service },
) => {
  app.post(
    '/tokens',
    {
      config: { permission: 'tokens:create', audit: 'token.create' },
      schema: {
        tags,
        summary: 'Create an API token; it is shown only here',
        body: NewApiTokenBody,
        response: {
          201: CreatedApiTokenBody,
          ...writeProblems('sign_in_again', 'channel_not_found', 'too_many_tokens'),
        },
      },
    },
    async (request, reply) => {
      const token = await service.create(request.principal, request.body)
      request.auditKey = token.id
      return reply.code(201).header('cache-control', 'no-store').send(token)
    },
  )

  app.get(
    '/tokens',
    {
      config: { permission: 'tokens:read' },
      schema: {
        tags,
        summary: 'List your API tokens; as an admin, all',
        querystring: ApiTokenQuery,
        response: { 200: ApiTokenListPage, ...readProblems('bad_cursor') },
      },
    },
    ({ principal, query }) => service.list(principal, query.limit ?? 50, query.cursor),
  )

  app.delete(
    '/tokens/:id',
    {
      config: { permission: 'tokens:revoke', audit: 'token.revoke' },
      schema: {
        tags,
        summary: 'Revoke an API token; it is refused from the next request on',
        params: ApiTokenParams,
        response: { 204: Type.Null({ description: 'revoked' }), ...writeProblems('token_not_found') },
      },
    },
    async ({ principal, params }, reply) => {
      await service.revoke(principal, params.id)
      return reply.code(204).send(null)
    },
  )
}
