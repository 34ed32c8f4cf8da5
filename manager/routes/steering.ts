import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { publicProblems } from '../../core/api/problem.ts'
import { SteeringBody, SteeringParams, SteeringQuery } from '../../core/api/steering.ts'
import { Problem } from '../http/problem.ts'
import type { LiveView } from '../sessions/live-view.ts'
import type { EdgeView } from '../steering/edge-view.ts'
import { steeringManifest } from '../steering/steering-manifest.ts'

export interface SteeringDependencies {
  roster: Pick<EdgeView, 'edges'>
  live: Pick<LiveView, 'snapshot'>
}

/** Like playback, steering needs no admin token and is open to pages of any origin. */
export const steeringRoutes: FastifyPluginAsyncTypebox<SteeringDependencies> = async (
  app,
  { roster, live },
) => {
  app.get(
    '/steering/:slug',
    {
      schema: {
        tags: ['playback'],
        summary: 'Which edge a player should use (HLS Content Steering)',
        security: [],
        params: SteeringParams,
        querystring: SteeringQuery,
        response: { 200: SteeringBody, ...publicProblems('not_found', 'too_many_requests') },
      },
    },
    async ({ params: { slug }, query, host }, reply) => {
      reply.headers({ 'access-control-allow-origin': '*', 'cache-control': 'no-store' })
      const origin = query.session === undefined ? undefined : live.snapshot.origins.get(query.session)
      const manifest = steeringManifest(roster.edges, origin?.slug === slug ? origin : undefined, {
        slug,
        session: query.session,
        from: query.from,
        current: query._HLS_pathway ?? query.from,
        token: query.token ?? '',
        host,
      })
      if (manifest === undefined) throw new Problem('not_found', 'No edge is known')
      return manifest
    },
  )
}
