import type { FastifyReply, FastifyRequest } from 'fastify'
import { secretsMatch } from '../../core/process/secrets.ts'
import type { FailedAttempts } from './failed-attempts.ts'
import { Problem } from './problems.ts'

/**
 * Lets only the holder of the admin token pass (RFC 6750), before any of the body is read. The right token always passes:
 * a stranger behind the operator's address can slow guessing down, but cannot lock the operator out.
 */
export function createAdminAuth(adminToken: string, failures: FailedAttempts) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const [, token] = /^Bearer +([^\s]+) *$/i.exec(request.headers.authorization ?? '') ?? []
    if (token !== undefined && secretsMatch(token, adminToken)) return
    reply.header('www-authenticate', 'Bearer realm="nowcast"')
    if (token === undefined)
      throw new Problem('unauthorized', 'Send the admin token as `Authorization: Bearer <token>`')
    const retryAfterSeconds = failures.note(request.ip)
    if (retryAfterSeconds !== undefined)
      throw new Problem('too_many_attempts', `Try again in ${retryAfterSeconds} s`, { retryAfterSeconds })
    throw new Problem('unauthorized', 'The token is not the admin token of this instance')
  }
}
