import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { isSlug } from '../../core/ids.ts'
import { multivariantPath } from '../../core/media-paths.ts'
import type { TitleCache } from '../channels/title-cache.ts'
import type { PublicUrls } from '../http/public-urls.ts'
import { pagePolicy } from '../http/security-headers.ts'
import { createPage } from '../pages/page.ts'

export interface PageParts {
  /** What the player's build made. */
  playerDir: string
  titles: TitleCache
  urls: PublicUrls
}

const notBuilt =
  'The pages are not built yet. Build them in the folder of the project:\n\n  npx vite build player\n\nand reload.\n'

/** `/watch/<slug>`, `/console`, and what they are made of. */
export const pageRoutes: FastifyPluginAsync<PageParts> = async (app, { playerDir, titles, urls }) => {
  const watch = createPage(join(playerDir, 'watch.html'))
  const console = createPage(join(playerDir, 'console.html'))

  function send(request: FastifyRequest, reply: FastifyReply, status: number, html: string | undefined) {
    if (html === undefined) return reply.code(503).type('text/plain; charset=utf-8').send(notBuilt)
    return reply
      .code(status)
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-cache')
      .header('content-security-policy', pagePolicy(urls.edgeForPage(request.host)))
      .send(html)
  }

  app.get<{ Params: { slug: string } }>(
    '/watch/:slug',
    { schema: { hide: true } },
    async (request, reply) => {
      const { slug } = request.params
      const channel = isSlug(slug) ? await titles.get(slug) : undefined
      if (!channel) {
        const config = { slug, title: null, hls: null, unknown: true }
        return send(request, reply, 404, watch.render('Unknown channel', config))
      }
      const { title, latency } = channel
      const hls = urls.edgeForPage(request.host) + multivariantPath(slug)
      return send(request, reply, 200, watch.render(title, { slug, title, hls, latency }))
    },
  )

  app.get('/console', { schema: { hide: true } }, async (request, reply) =>
    send(request, reply, 200, console.render('Console', { edge: urls.edgeForPage(request.host) })),
  )

  app.get('/', { schema: { hide: true } }, (_request, reply) => reply.redirect('/console', 302))

  // Names of built files hold the hash of what is in them.
  await app.register(fastifyStatic, {
    root: join(playerDir, 'assets'),
    prefix: '/assets/',
    index: false,
    decorateReply: false,
    dotfiles: 'deny',
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
  })
}
