import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { docsPolicy } from '../http/security-headers.ts'

/** Collects the routes that are registered after it; `/openapi.json` and `/docs` show them. */
export async function registerDocs(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'nowcast',
        version: '1',
        description: 'Channels and sessions of a nowcast instance. Errors are problem+json (RFC 9457).',
      },
      tags: [{ name: 'channels' }, { name: 'sessions' }, { name: 'playback' }],
      components: { securitySchemes: { adminToken: { type: 'http', scheme: 'bearer' } } },
      security: [{ adminToken: [] }],
    },
  })
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: docsPolicy })
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
}
