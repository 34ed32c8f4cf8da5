import type { FastifyInstance, FastifyReply } from 'fastify'

/** Adds a link to a response (RFC 8288), after those that it has. `target` is a URI reference. */
export function addLink(reply: FastifyReply, target: string, relation: string): void {
  const former = reply.getHeader('link')
  const link = `<${target}>; rel="${relation}"`
  reply.header('link', former === undefined ? link : `${former}, ${link}`)
}

/**
 * Adds a link to the next page to each response with `nextCursor`. The link is relative, because only the
 * client knows under which path a proxy serves the API.
 */
export function linkNextPages(app: FastifyInstance): void {
  app.addHook('preSerialization', (request, reply, payload, done) => {
    const cursor = cursorIn(payload)
    if (cursor !== undefined) {
      const query = new URLSearchParams(request.url.split('?', 2)[1])
      query.set('cursor', cursor)
      addLink(reply, `?${query}`, 'next')
    }
    done(null, payload)
  })
}

function cursorIn(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null || !('nextCursor' in payload)) return undefined
  return typeof payload.nextCursor === 'string' ? payload.nextCursor : undefined
}
