import { setTimeout as delay } from 'node:timers/promises'
import { multivariantPath } from '../../../core/playback/media-paths.ts'
import {
  createPlaybackTokens,
  newTokenId,
  type PlaybackClaims,
} from '../../../core/playback/playback-token.ts'
import { deriveClusterKeys } from '../../../core/process/cluster-keys.ts'
import { liveOrigin } from '../../../test/kit/edge/live-origin.ts'
import { clusterSecret, keepOriginLive, startBenchEdge } from '../../stand/edge-process.ts'
import { startScriptedOrigin } from '../../stand/scripted-origin.ts'

/** Text that is in every body of the signed channel. A client without a valid token must never receive it. */
export const secretMark = 'for-those-who-paid'

export type TwoChannels = Awaited<ReturnType<typeof startTwoChannels>>

/** Starts an edge with an open channel and a signed one. Each target has a body of its own. */
export async function startTwoChannels() {
  const origin = await startScriptedOrigin()
  const edge = await startBenchEdge(origin.url, { NOWCAST_EDGE_MAX_CONNECTIONS_PER_ADDRESS: '0' }, '0,1')
  const bodies = new Map<string, Buffer>()
  const tokens = createPlaybackTokens(deriveClusterKeys(clusterSecret).tokenKey)
  const paid = liveOrigin({ slug: 'paid', url: origin.url })
  const endHeartbeat = await keepOriginLive(edge.registry, paid)
  await edge.rules.put(
    { signed: { paid: { channelId: paid.channelId, revokedUntil: 0 } }, revoked: {} },
    'paid',
  )

  function putBodies(base: string, slug: string, mark: string): string[] {
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
  const open = putBodies(edge.base, 'bench', 'for-all')
  const signed = putBodies(`/live/paid/${paid.sessionId}`, 'paid', secretMark)

  /** Returns a token of the signed channel; a valid one unless `change` makes it invalid. */
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
    /** Resolves when the edge has ended. */
    exited: edge.exited,
    /** Paths of the playlists and media of the open channel. */
    open,
    /** Paths of the playlists and media of the signed channel, without a token. */
    signed,
    /**
     * Returns the body that a viewer must receive for a target of either channel; undefined for any other
     * target.
     */
    bodyOf: (target: string) => bodies.get(target),
    tokenOf,
    async stop() {
      endHeartbeat()
      await edge.stop()
      origin.stop()
    },
  }
}
