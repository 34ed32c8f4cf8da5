import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import {
  type UnknownChannelConfig,
  type WatchAddress,
  WatchAddressBody,
  type WatchConfig,
} from '../../core/api/watch-page.ts'
import { isSlug } from '../../core/contracts/id-patterns.ts'
import { Problem } from '../http/problem.ts'
import type { PublicUrls } from '../http/public-urls.ts'
import { pagePolicy } from '../http/security-headers.ts'
import { createPage, type RenderedPage } from '../pages/page.ts'
import type { PageChannel, PageChannels } from '../pages/page-channels.ts'
import type { WatchAddresses } from '../pages/watch-address.ts'

export interface PageDependencies {
  /** Directory into which Vite built the pages. */
  playerDir: string
  channels: Pick<PageChannels, 'get'>
  addresses: WatchAddresses
  urls: Pick<PublicUrls, 'edgeForPage' | 'managerUrls'>
}

const notBuilt =
  'The pages have not been built yet. Build them in the project folder:\n\n  npx vite build player\n\nand reload.\n'

/** Serves `/watch/<slug>`, `/console`, `/console/join`, and the files that these pages load. */
export const pageRoutes: FastifyPluginAsync<PageDependencies> = async (app, dependencies) => {
  await app.register(watchRoutes, dependencies)
  await app.register(consoleRoutes, dependencies)

  // Browsers may keep these files for good, because their names contain a hash of their content.
  await app.register(fastifyStatic, {
    root: join(dependencies.playerDir, 'assets'),
    prefix: '/assets/',
    index: false,
    decorateReply: false,
    dotfiles: 'deny',
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
  })
}

const watchRoutes: FastifyPluginAsync<PageDependencies> = async (app, dependencies) => {
  const { playerDir, channels, addresses } = dependencies
  const page = createPage(join(playerDir, 'watch.html'), '../assets/')
  const sendPage = createPageSender(dependencies)
  const channelOf = async (slug: string) => (isSlug(slug) ? channels.get(slug) : undefined)

  app.get<{ Params: { slug: string } }>(
    '/watch/:slug',
    { schema: { hide: true } },
    async (request, reply) => {
      const { slug } = request.params
      const channel = await channelOf(slug)
      if (!channel) {
        const config: UnknownChannelConfig = { slug, title: null, hls: null, unknown: true }
        return sendPage(request, reply, 404, page.render('Unknown channel', config))
      }
      const address = addresses.addressFor(channel, request.host)
      // The page of a signed channel contains a token, which no cache may store.
      if (address.renewAfterMs !== null) reply.header('cache-control', 'no-store')
      return sendPage(request, reply, 200, page.render(channel.title, watchConfig(channel, address)))
    },
  )

  // A watch page requests a new address well before its token expires, so that playback continues.
  app.get<{ Params: { slug: string } }>(
    '/watch/:slug/address',
    { schema: { hide: true, response: { 200: WatchAddressBody } } },
    async (request, reply) => {
      const channel = await channelOf(request.params.slug)
      if (!channel) throw new Problem('channel_not_found', 'No channel has this slug')
      return reply.header('cache-control', 'no-store').send(addresses.addressFor(channel, request.host))
    },
  )
}

const consoleRoutes: FastifyPluginAsync<PageDependencies> = async (app, dependencies) => {
  const { playerDir, urls } = dependencies
  const page = createPage(join(playerDir, 'console.html'))
  const sendPage = createPageSender(dependencies)

  app.get('/console', { schema: { hide: true } }, async (request, reply) =>
    sendPage(request, reply, 200, page.render('Console', { edge: urls.edgeForPage(request.host) })),
  )

  // The token of a one-time link is in the fragment of the URL, so the manager does not see it.
  const joinPage = createPage(join(playerDir, 'join.html'), '../assets/')
  app.get('/console/join', { schema: { hide: true } }, async (request, reply) =>
    sendPage(request, reply, 200, joinPage.render('Join', {})),
  )

  app.get('/', { schema: { hide: true } }, (_request, reply) => reply.redirect('console', 302))
}

function watchConfig(
  { slug, title, latency }: PageChannel,
  { hls, others, renewAfterMs }: WatchAddress,
): WatchConfig {
  return {
    slug,
    title,
    hls,
    latency,
    ...(others.length === 0 ? {} : { others }),
    ...(renewAfterMs === null ? {} : { renewAfterMs }),
  }
}

/**
 * Returns a function that sends a page, or 503 while it has not been built. The Content-Security-Policy lists
 * the edges and the URLs of the manager, to which scripts of the page send requests.
 */
function createPageSender({ addresses, urls }: PageDependencies) {
  return (request: FastifyRequest, reply: FastifyReply, status: number, page: RenderedPage | undefined) => {
    if (page === undefined) return reply.code(503).type('text/plain; charset=utf-8').send(notBuilt)
    const media = [...addresses.edgesFor(request.host), ...urls.managerUrls]
    return reply
      .code(status)
      .type('text/html; charset=utf-8')
      .header('cache-control', reply.getHeader('cache-control') ?? 'no-cache')
      .header('content-security-policy', pagePolicy(media, page.scriptSources))
      .send(page.html)
  }
}
