import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyContextConfig, FastifyInstance, FastifyPluginAsync } from 'fastify'
import { isInternal } from '../../core/connections/internal-access.ts'
import { answerHealth, type ReadyCheck } from '../../core/process/http-server.ts'
import type { Registry } from '../../core/process/metrics.ts'
import { describePermission } from '../access/permissions.ts'
import { docsPolicy } from '../http/security-headers.ts'

export interface HealthOptions {
  metrics: Registry
  isReady: ReadyCheck
  /** Address at which `/metrics` responds; elsewhere it is 404. */
  internalHost: string
}

/**
 * Serves `/healthz`, `/readyz` and `/metrics`. `answerHealth` responds instead of Fastify, so that the
 * responses are the same as in every role.
 */
export const healthRoutes: FastifyPluginAsync<HealthOptions> = async (
  app,
  { metrics, isReady, internalHost },
) => {
  for (const path of ['/healthz', '/readyz', '/metrics'])
    app.get(path, { schema: { hide: true } }, (request, reply) => {
      const { headers } = request
      const { remoteAddress: address, localAddress } = request.socket
      const isOpen = path !== '/metrics' || isInternal({ address, localAddress, headers }, internalHost)
      if (!isOpen) return reply.callNotFound()
      reply.hijack()
      answerHealth(request.raw, reply.raw, metrics, isReady)
    })
}

/**
 * Serves `/openapi.json` and `/docs`. Must be called before the routes to be documented are registered.
 * `managerUrls`: the URL of the manager if the operator set it.
 */
export async function registerDocs(app: FastifyInstance, managerUrls: readonly string[]): Promise<void> {
  // Clients take the paths of calls from the root of the host, unless the document names a server.
  const belowPath = managerUrls.filter((url) => new URL(url).pathname !== '/').map((url) => ({ url }))
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'nowcast',
        version: '1',
        description: 'Channels and sessions of a nowcast instance. Errors are problem+json (RFC 9457).',
      },
      tags: [{ name: 'channels' }, { name: 'sessions' }, { name: 'playback' }, { name: 'accounts' }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'the admin token, or an API token' },
          signIn: { type: 'apiKey', in: 'cookie', name: '__Host-nowcast' },
        },
      },
      security: [{ token: [] }, { signIn: [] }],
      ...(belowPath.length === 0 ? {} : { servers: belowPath }),
    },
    transform: ({ schema, url, route }) => ({ schema: withPermission(schema, route.config), url }),
    transformObject: (document) =>
      'openapiObject' in document ? withOptionalBodies(document.openapiObject) : document.swaggerObject,
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: docsPolicy,
    uiHooks: {
      // Only below `/docs/` are the URIs of the page relative, as a proxy that serves it under a path needs.
      onRequest(request, reply, done) {
        if (request.url.split('?', 1)[0] === '/docs') reply.redirect('docs/', 302)
        else done()
      },
    },
  })
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
}

/** Adds to the description of a call who may use it. */
function withPermission<Schema extends object>(schema: Schema, config?: FastifyContextConfig): Schema {
  const permission = config?.permission
  if (permission === undefined || permission === 'open') return schema
  return { ...schema, description: describePermission(permission) }
}

interface Operation {
  requestBody?: { required?: boolean; content?: Record<string, { schema?: BodySchema }> }
}

interface BodySchema {
  required?: readonly string[]
  minProperties?: number
}

/**
 * Marks request bodies without a required field as optional, because the plugin marks every body as required.
 */
function withOptionalBodies<Document extends { paths?: object | undefined }>(document: Document): Document {
  for (const methods of Object.values(document.paths ?? {}) as Record<string, Operation>[])
    for (const { requestBody } of Object.values(methods)) {
      const { required, minProperties } = requestBody?.content?.['application/json']?.schema ?? {
        required: [''],
      }
      if (requestBody !== undefined && required === undefined && minProperties === undefined)
        requestBody.required = false
    }
  return document
}
