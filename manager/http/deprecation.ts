import type { FastifyInstance, onRequestHookHandler } from 'fastify'
import { addLink } from './links.ts'

/** A route that clients should leave. Times are RFC 3339. */
interface Deprecation {
  /** From when on the route is deprecated. */
  since: string
  /** When it will be removed. */
  sunset?: string
  /** URL of a document about it. */
  document?: string
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Set on a route that clients should leave: `config: { deprecation: { since: '2027-01-01' } }`. */
    deprecation?: Deprecation
  }
}

/**
 * Adds `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a link to the responses of routes with the option
 * `deprecation`, and marks them in the OpenAPI document.
 */
export function announceDeprecations(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const deprecation = route.config?.deprecation
    if (deprecation === undefined) return
    route.schema = { ...route.schema, deprecated: true }
    route.onRequest = [announce(deprecation), ...[route.onRequest ?? []].flat()]
  })
}

function announce({ since, sunset, document }: Deprecation): onRequestHookHandler {
  const deprecation = `@${Math.floor(timeOf(since) / 1000)}`
  const removal = sunset === undefined ? undefined : new Date(timeOf(sunset)).toUTCString()
  return (_request, reply, done) => {
    reply.header('deprecation', deprecation)
    if (removal !== undefined) reply.header('sunset', removal)
    if (document !== undefined) addLink(reply, document, 'deprecation')
    done()
  }
}

function timeOf(text: string): number {
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw new Error(`${text} is not a time`)
  return time
}
