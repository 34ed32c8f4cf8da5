import { join } from 'node:path'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { CoachBody, HealthQuery } from '../../core/api/health.ts'
import type { CoachTokens } from '../coach/coach-token.ts'
import type { HealthService } from '../coach/health-service.ts'
import { Problem } from '../http/problem.ts'
import { pagePolicy } from '../http/security-headers.ts'
import { createPage } from '../pages/page.ts'
import type { Channel } from '../store/channel-record.ts'

export interface CoachDependencies {
  /** Directory into which Vite built the pages. */
  playerDir: string
  tokens: Pick<CoachTokens, 'channelIdOf' | 'isValid'>
  channels: { byId(id: string): Promise<Channel | undefined> }
  health: Pick<HealthService, 'ofChannel'>
}

const CoachParams = Type.Object({ token: Type.String() })

const notBuilt = 'The pages have not been built yet. Run `npx vite build player` and reload.\n'

/**
 * Serves `/coach/<token>`, a page about the signal of one channel for those who have its stream key. It is
 * for reading only. The token is a secret: no response is cached, and the log shows no token.
 */
export const coachRoutes: FastifyPluginAsyncTypebox<CoachDependencies> = async (app, dependencies) => {
  const { tokens, channels, health } = dependencies
  const page = createPage(join(dependencies.playerDir, 'coach.html'), '../assets/')

  async function channelOf(token: string): Promise<Channel | undefined> {
    const id = tokens.channelIdOf(token)
    const channel = id === undefined ? undefined : await channels.byId(id)
    return channel && tokens.isValid(token, channel) ? channel : undefined
  }

  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })

  app.get('/coach/:token', { schema: { hide: true, params: CoachParams } }, async ({ params }, reply) => {
    const channel = await channelOf(params.token)
    const rendered = page.render(channel?.title ?? 'nowcast', {})
    if (rendered === undefined) return reply.code(503).type('text/plain; charset=utf-8').send(notBuilt)
    return reply
      .code(channel ? 200 : 404)
      .type('text/html; charset=utf-8')
      .header('content-security-policy', pagePolicy([], rendered.scriptSources))
      .send(rendered.html)
  })

  app.get(
    '/coach/:token/health',
    { schema: { hide: true, params: CoachParams, querystring: HealthQuery, response: { 200: CoachBody } } },
    async ({ params, query }) => {
      const channel = await channelOf(params.token)
      if (!channel)
        throw new Problem('coach_not_found', 'The stream key was replaced, or the address is wrong')
      const { language = 'en', seconds = 60 } = query
      const { slug, title } = channel
      return { channel: { slug, title }, health: await health.ofChannel(channel, { language, seconds }) }
    },
  )
}
