import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { NewTotpBody, RecoveryCodesBody, TotpBody } from '../../core/api/account.ts'
import { writeProblems } from '../../core/api/problem.ts'
import type { SecondFactor } from '../accounts/second-factor.ts'

const tags = ['accounts']
const path = '/me/totp'

/** Serves `/me/totp` below the prefix `/v1`. */
export const totpRoutes: FastifyPluginAsyncTypebox<{ secondFactor: SecondFactor }> = async (
  app,
  { secondFactor },
) => {
  app.post(
    path,
    {
      config: { permission: 'me:secure' },
      schema: {
        tags,
        summary: 'Get a new secret for an authenticator app; it has no effect yet',
        response: { 200: NewTotpBody, ...writeProblems('sign_in_again') },
      },
    },
    async ({ principal }, reply) =>
      reply.header('cache-control', 'no-store').send(await secondFactor.offer(principal)),
  )

  app.put(
    path,
    {
      config: { permission: 'me:secure', audit: 'account.totp_enable' },
      schema: {
        tags,
        summary: 'Make the codes of an authenticator app necessary to sign in; replaces previous ones',
        body: TotpBody,
        response: { 200: RecoveryCodesBody, ...writeProblems('sign_in_again', 'wrong_code') },
      },
    },
    async (request, reply) => {
      const { secret, code } = request.body
      request.auditKey = request.principal.id
      const codes = await secondFactor.enable(request.principal, secret, code)
      return reply.header('cache-control', 'no-store').send(codes)
    },
  )

  app.delete(
    path,
    {
      config: { permission: 'me:secure', audit: 'account.totp_disable' },
      schema: {
        tags,
        summary: 'Make the password alone suffice to sign in',
        response: { 204: Type.Null({ description: 'removed' }), ...writeProblems('sign_in_again') },
      },
    },
    async (request, reply) => {
      request.auditKey = request.principal.id
      await secondFactor.disable(request.principal.id)
      return reply.code(204).send(null)
    },
  )
}
