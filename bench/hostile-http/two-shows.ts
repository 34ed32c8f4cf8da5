import { setTimeout as delay } from 'node:timers/promises'
import { multivariantPath } from '../../core/playback/media-paths.ts'
import { createPlaybackTokens, newTokenId, type PlaybackClaims } from '../../core/playback/playback-token.ts'
import { liveOrigin } from '../../test/kit/live-origin.ts'
import { startBenchOrigin } from '../edge-vs-nginx/bench-origin.ts'
import { clusterSecret, keepLive, startEdgeProcess } from '../edge-vs-nginx/contenders.ts'

/** Stands in all that the signed channel sends: whoever has no good token must never see it. */
export const secretMark = 'for-those-who-paid'

/** An edge process with an open show and one that asks for a token, each target with a body of its own. */
export async function startTwoShows() {
  const origin = await startBenchOrigin()
  const edge = await startEdgeProcess(origin.url, { NOWCAST_EDGE_MAX_CONNECTIONS_PER_ADDRESS: '0' }, '0,1')
  const bodies = new Map<string, Buffer>()
  const tokens = createPlaybackTokens(clusterSecret)
  const paid = liveOrigin({ slug: 'paid', url: origin.url })
  const leaveAir = await keepLive(edge.registry, paid)
  await edge.rules.put(
    { signed: { paid: { channelId: paid.channelId, revokedUntil: 0 } }, revoked: {} },
    'paid',
  )

  function put(base: string, slug: string, mark: string): string[] {
    const media = ['720p.m3u8', '1/720p/init.mp4', '1/720p/1.m4s', '1/720p/2.0.m4s'].map(
      (uri) => `${base}/${uri}`,
    )
    const targets = [multivariantPath(slug), ...media]
    for (const target of targets) {
      const body = Buffer.from(`${mark} ${target}\n`.repeat(40))
      bodies.set(target, body)
      origin.put(target, body)
    }
    return targets
  }
  const open = put(edge.base, 'bench', 'for-all')
  const signed = put(`/live/paid/${paid.sessionId}`, 'paid', secretMark)

  /** A token of the signed channel, good unless changed. */
  function tokenOf(change: Partial<PlaybackClaims> = {}): string {
    const issuedAt = Date.now() - 1000
    const expiresAt = issuedAt + 24 * 3_600_000
    return tokens.sign({
      id: newTokenId(expiresAt),
      channelId: paid.channelId,
      issuedAt,
      expiresAt,
      ...change,
    })
  }
  while ((await fetch(edge.url + multivariantPath('paid'))).status !== 403) await delay(50)

  return {
    url: new URL(edge.url),
    pid: edge.pid,
    open,
    signed,
    /** What a target of either show is to be answered with. */
    bodyOf: (target: string) => bodies.get(target),
    tokenOf,
    async stop() {
      leaveAir()
      await edge.stop()
      origin.stop()
    },
  }
}

export type TwoShows = Awaited<ReturnType<typeof startTwoShows>>
