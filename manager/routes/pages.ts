import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { isSlug } from '../../core/contracts/id-patterns.ts'
import type { TitleCache } from '../channels/title-cache.ts'
import { Problem } from '../http/problems.ts'
import type { PublicUrls } from '../http/public-urls.ts'
import { pagePolicy } from '../http/security-headers.ts'
import { createPage, type RenderedPage } from '../pages/page.ts'
import type { WatchPagePass } from '../playback/watch-page-pass.ts'
import type { EdgeView } from '../steering/edge-view.ts'
import { edgesForPage } from '../steering/page-edges.ts'

export interface PageParts {
  /** What the player's build made. */
  playerDir: string
  titles: TitleCache
  urls: PublicUrls
  /** Gives the watch page what it plays. */
  passFor: WatchPagePass
  edges: Pick<EdgeView, 'edges'>
}

const notBuilt =
  'The pages are not built yet. Build them in the folder of the project:\n\n  npx vite build player\n\nand reload.\n'

/** `/watch/<slug>`, `/console`, and what they are made of. */
export const pageRoutes: FastifyPluginAsync<PageParts> = async (
  app,
  { playerDir, titles, urls, edges, passFor },
) => {
  const watch = createPage(join(playerDir, 'watch.html'))
  const console = createPage(join(playerDir, 'console.html'))

  const edgesFor = ({ host }: FastifyRequest) =>
    edgesForPage(urls.edgeForPage(host), urls.isEdgeUrlGiven, edges.edges, host)

  /** What the watch page plays, at the best edge first. */
  function addressFor(channel: Parameters<WatchPagePass>[0], request: FastifyRequest) {
    const { path, renewAfterMs } = passFor(channel)
    const [first = '', ...others] = edgesFor(request).map((edge) => edge + path)
    return { hls: first, others, renewAfterMs }
  }

  function send(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    page: RenderedPage | undefined,
  ) {
    if (page === undefined) return reply.code(503).type('text/plain; charset=utf-8').send(notBuilt)
    return reply
      .code(status)
      .type('text/html; charset=utf-8')
      .header('cache-control', reply.getHeader('cache-control') ?? 'no-cache')
      .header(
        'content-security-policy',
        pagePolicy([...edgesFor(request), ...urls.managerUrls], page.scriptSources),
      )
      .send(page.html)
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
      const { hls, others, renewAfterMs } = addressFor(channel, request)
      const config = {
        slug,
        title,
        hls,
        latency,
        ...(others.length === 0 ? {} : { others }),
        ...(renewAfterMs === null ? {} : { renewAfterMs }),
      }
      // A token stands in the page of a signed channel.
      if (renewAfterMs !== null) reply.header('cache-control', 'no-store')
      return send(request, reply, 200, watch.render(title, config))
    },
  )

  // Asked by the page in good time before its token ends, so that a view goes on.
  app.get<{ Params: { slug: string } }>(
    '/watch/:slug/address',
    { schema: { hide: true } },
    async (request, reply) => {
      const { slug } = request.params
      const channel = isSlug(slug) ? await titles.get(slug) : undefined
      if (!channel) throw new Problem('channel_not_found', 'No channel has this slug')
      return reply.header('cache-control', 'no-store').send(addressFor(channel, request))
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
