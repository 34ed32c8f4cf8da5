import type { FastifyInstance } from 'fastify'
import { Problem } from './problem.ts'

/**
 * Responds to requests that match no route: 404 for an unknown path, 405 with `Allow` for a path that has
 * other methods (RFC 9110, section 15.5.6), and 204 with `Allow` for OPTIONS. The response is sent before a
 * body is read. Must be called before the routes are registered.
 */
export function answerUnknownRoutes(app: FastifyInstance): void {
  const methodsByPattern = new Map<string, { expression: RegExp; methods: Set<string> }>()

  app.addHook('onRoute', ({ url, method }) => {
    const known = methodsByPattern.get(url) ?? { expression: expressionOf(url), methods: new Set<string>() }
    for (const each of [method].flat()) known.methods.add(each)
    methodsByPattern.set(url, known)
  })

  function methodsAt(path: string): string[] {
    const matching = [...methodsByPattern.values()].filter(({ expression }) => expression.test(path))
    return [...new Set(matching.flatMap(({ methods }) => [...methods]))].toSorted()
  }

  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return
    const methods = methodsAt(request.url.replace(/[?#].*$/s, ''))
    const { method } = request
    // The pattern of a route fits, but the route did not match, for example because a parameter is too long.
    if (methods.length === 0 || methods.includes(method)) throw notFound(method)
    reply.header('allow', [...methods, 'OPTIONS'].join(', '))
    if (method === 'OPTIONS') return reply.code(204).send()
    throw new Problem('method_not_allowed', `This path has ${methods.join(', ')}`)
  })
  // Handles routes that match but find nothing, such as a file that does not exist.
  app.setNotFoundHandler(async ({ method }) => {
    throw notFound(method)
  })
}

const notFound = (method: string) => new Problem('not_found', `There is no ${method} at this path`)

/** Returns an expression for the paths of a route: `:name` stands for one path segment, `*` for any rest. */
const expressionOf = (pattern: string) =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.$+()[\]{}|^?]/g, '\\$&')
      .replaceAll(/:\w+/g, '[^/]+')
      .replaceAll('*', '.*')}$`,
    's',
  )
