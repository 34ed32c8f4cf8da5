import { makePicture, uploadSlate } from '../../../test/kit/slate-upload.ts'
import { waitFor } from '../../../test/kit/wait-for.ts'
import type { OnCleanup } from '../../stand/scope.ts'
import { type Cluster, graceMs } from './cluster/cluster.ts'
import { type Publisher, startReconnectingPublisher } from './cluster/publisher.ts'
import { sessionKeys } from './leftovers.ts'
import { startPlaylistReaders } from './playlist-readers.ts'
import type { ChaosRecord } from './report.ts'
import { startChaosCrowd } from './viewers/crowd.ts'
import { openPageViewer } from './viewers/page-viewer.ts'
import { followSteering } from './viewers/steering.ts'

/** The channels, each with a publisher of its own. Chromium watches the first. */
const channels = [
  { slug: 'show-low', latency: 'low' },
  { slug: 'show-standard', latency: 'standard' },
] as const

export type Show = Awaited<ReturnType<typeof startShow>>

/** Starts publishers, readers and viewers of a cluster. Resolves when all viewers have arrived. */
export async function startShow({
  cluster,
  viewers,
  seed,
  onCleanup,
}: {
  cluster: Cluster
  viewers: number
  seed: number
  onCleanup: OnCleanup
}) {
  const { edgeUrls, network, managerUrl } = cluster
  const publishers: Publisher[] = []
  const slate = await makePicture('navy')
  for (const channel of channels) {
    const { streamKey } = await cluster.api('POST', '/v1/channels', channel)
    await uploadSlate(cluster, channel.slug, slate)
    const publisher = startReconnectingPublisher(
      network.add(`publisher-${publishers.length}`),
      `${cluster.rtmpUrl}/${streamKey}`,
    )
    onCleanup(publisher.stop)
    publishers.push(publisher)
  }
  for (const { slug } of channels)
    for (const url of edgeUrls)
      await waitFor(`${slug} at ${url}`, async () => (await fetch(`${url}/live/${slug}/index.m3u8`)).ok, {
        timeoutMs: 30_000,
        everyMs: 200,
      })
  const readers = startPlaylistReaders(
    edgeUrls,
    channels.map(({ slug }) => slug),
    (slug) => publishers[channels.findIndex((each) => each.slug === slug)]?.awayMs() ?? 0,
  )
  onCleanup(readers.stop)
  const watched = channels.map(({ slug, latency }) => {
    const steering = followSteering(edgeUrls, slug)
    onCleanup(steering.stop)
    return { slug, isLowLatency: latency === 'low', steering }
  })
  const page = await openPageViewer(`${managerUrl}/watch/${channels[0].slug}`, channels[0].slug)
  onCleanup(page.close)
  const crowd = startChaosCrowd({ edgeUrls, channels: watched, viewers, seed })
  onCleanup(crowd.stop)
  await waitFor('all viewers to play', () => crowd.playingShare() > 0.99, { timeoutMs: 40_000, everyMs: 200 })
  crowd.begin()
  page.begin()

  return {
    ...{ cluster, publishers, crowd, page },
    /** Ends the viewers, and then the streams, as an encoder does. Returns what was seen. */
    async end(): Promise<
      Omit<ChaosRecord, 'startedAt' | 'events' | 'orphans' | 'leakedKeys' | 'expiringKeys' | 'loopDelayMs'>
    > {
      await page.end()
      crowd.stop()
      await page.close()
      await readers.stop()
      for (const publisher of publishers) await publisher.stop()
      const lostSessions = readers.changes.filter(({ awayMs }) => awayMs < graceMs)
      return {
        simulated: crowd.stalls,
        page: page.stalls,
        rejoins: crowd.rejoins,
        reloads: page.reloads,
        watched: { ...crowd.totals, pageMs: page.watchedMs() },
        lostSessions,
        otherSessions: readers.changes.length - lostSessions.length,
        steps: readers.steps,
        gaps: readers.gaps(),
      }
    },
    /** Returns the keys of sessions that are left in Redis. */
    async keysLeft(): Promise<Pick<ChaosRecord, 'leakedKeys' | 'expiringKeys'>> {
      const { leaked, expiring } = await sessionKeys(cluster.redis.url, readers.sessionIds())
      return { leakedKeys: leaked, expiringKeys: expiring }
    },
  }
}
