import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { logContext } from '../../core/process/log.ts'

export const requestIdHeader = 'x-request-id'

const idExpression = /^[\w.-]{1,64}$/

/** Returns the id of a request: that in its header `X-Request-Id` if it is valid, otherwise a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers[requestIdHeader]
  return typeof given === 'string' && idExpression.test(given) ? given : randomUUID()
}

/** Adds the id of the request to each response, and to each line that is logged while it is handled. */
export function addRequestIds(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header(requestIdHeader, request.id)
    done()
  })
  // Not `onRequest`: a body that arrives later has the context of its connection.
  app.addHook('preHandler', (request, _reply, done) => {
    logContext.run({ requestId: request.id }, done)
  })
}
