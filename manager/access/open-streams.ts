import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Time between two checks of a response that has not ended, ms. */
const checkEveryMs = 1000

/**
 * Ends responses that are streams, such as one of events, when their principal loses the permission. `check`
 * is called every second for each. Resolves with whether the response may continue.
 */
export function watchStreams(
  app: FastifyInstance,
  check: (request: FastifyRequest, reply: FastifyReply) => Promise<boolean>,
  everyMs = checkEveryMs,
): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    if (payload instanceof Readable) watch(payload, () => check(request, reply), everyMs)
    done(null, payload)
  })
}

function watch(stream: Readable, check: () => Promise<boolean>, everyMs: number): void {
  let timer: ReturnType<typeof setTimeout>
  const arm = () => {
    timer = setTimeout(async () => {
      // While the database does not respond, what was permitted stays.
      const isPermitted = await check().catch(() => true)
      if (!isPermitted) stream.destroy()
      else if (!stream.destroyed) arm()
    }, everyMs)
  }
  arm()
  stream.once('close', () => clearTimeout(timer))
}
