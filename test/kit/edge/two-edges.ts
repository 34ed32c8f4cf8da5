import type { WatchAddress } from '../../../core/api/watch-page.ts'
import { playbackPrefix } from '../../../core/playback/media-paths.ts'
import { startPublisher } from '../publisher.ts'
import { startRedis } from '../redis.ts'
import { waitFor } from '../wait-for.ts'
import { startWhole } from '../whole.ts'
import { type EdgeProcess, startEdgeProcess } from './edge-process.ts'

const clusterSecret = 'a-cluster-secret-for-two-edges-only'

export type TwoEdges = Awaited<ReturnType<typeof startTwoEdges>>

interface TwoEdgesOptions {
  env?: Record<string, string>
  /** Environment of the second edge. */
  secondEnv?: Record<string, string>
}

/** Starts a whole nowcast with one live channel, and a second edge beside its own. */
export async function startTwoEdges(slug: string, { env = {}, secondEnv = {} }: TwoEdgesOptions = {}) {
  const redis = await startRedis()
  const whole = await startWhole({
    env: { REDIS_URL: redis.url, NOWCAST_CLUSTER_SECRET: clusterSecret, ...env },
  }).catch(async (error: unknown) => {
    await redis.stop()
    throw error
  })
  let second: EdgeProcess | undefined
  let publisher: ReturnType<typeof startPublisher> | undefined

  async function stop() {
    await publisher?.stop('SIGKILL')
    await second?.stop('SIGKILL')
    await whole.stop()
    await redis.stop()
  }

  /** Returns the URLs of the edges that the watch page may use. */
  async function listed(): Promise<string[]> {
    const response = await fetch(`${whole.managerUrl}/watch/${slug}/address`)
    const { hls, others } = (await response.json()) as WatchAddress
    return [hls, ...others].map((url) => url.slice(0, url.lastIndexOf(playbackPrefix)))
  }

  const untilListed = (url: string) => waitFor('both edges', async () => (await listed()).includes(url))

  async function startSecond(port?: number) {
    second = await startEdgeProcess({
      redisUrl: redis.url,
      clusterSecret,
      env: secondEnv,
      ...(port === undefined ? {} : { port }),
    })
    await untilListed(secondEnv.NOWCAST_PUBLIC_EDGE_URL ?? second.url)
    return second
  }

  try {
    const { streamKey } = await whole.api('POST', '/v1/channels', { slug })
    publisher = startPublisher({ url: `${whole.rtmpUrl}/${streamKey}`, size: '854x480', gopSeconds: 2 })
    const { url } = await startSecond()
    await whole.untilLive(slug)
    await waitFor('both edges to steer', async () => {
      const playlists = [url, whole.edgeUrl].map((edge) => fetch(`${edge}/live/${slug}/index.m3u8`))
      const texts = await Promise.all((await Promise.all(playlists)).map((response) => response.text()))
      return texts.every((text) => text.includes('#EXT-X-CONTENT-STEERING'))
    })
    return {
      whole,
      watchUrl: `${whole.managerUrl}/watch/${slug}`,
      secondUrl: url,
      ...{ stop, untilListed },
      /** Returns the process id of the edge at `edgeUrl`; NaN while the supervisor's edge is not running. */
      pidOf: (edgeUrl: string) =>
        edgeUrl === url ? (second?.pid ?? Number.NaN) : (whole.rolePids('edge')[0] ?? Number.NaN),
      /**
       * Waits until an edge that has ended serves again. The supervisor restarts its own edge; the second
       * edge is started here. `previousPid`: process id of the edge that has ended.
       */
      async untilBack(edgeUrl: string, previousPid: number) {
        // The second edge may still be draining. It has no viewers any more, so it is ended now.
        if (edgeUrl === url) {
          await second?.stop()
          await startSecond(Number(new URL(url).port))
        } else
          await waitFor(
            'the edge to be back',
            () => ![previousPid, undefined].includes(whole.rolePids('edge')[0]),
            { timeoutMs: 40_000 },
          )
        await waitFor('the edge to serve', async () => (await fetch(`${edgeUrl}/readyz`)).ok)
        await untilListed(edgeUrl)
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}
