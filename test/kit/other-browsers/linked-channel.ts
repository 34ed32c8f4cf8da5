import { setTimeout as delay } from 'node:timers/promises'
import { type Conditions, createSchedule, type Phase } from '../../../bench/link/conditions.ts'
import { createLink } from '../../../bench/link/link.ts'
import { startLinkProxy } from '../../../bench/link/link-proxy.ts'
import { startLiveChannel } from '../live-channel.ts'
import { freePort } from '../ports.ts'

/** A link that every rendition fits through. */
const good: Conditions = {
  downKbps: 20_000,
  upKbps: 10_000,
  rttMs: 30,
  jitterMs: 0,
  loss: 0,
  queueBytes: 200_000,
  congestion: 'bbr',
  address: '127.0.0.1',
}

/** Heights of the two renditions, pixels. */
export const heights = { source: 480, small: 240 }

/** Starts a nowcast with a live channel, whose viewers reach the edge through a link. */
export async function startLinkedChannel() {
  const linkPort = await freePort()
  const channel = await startLiveChannel({
    slug: 'linked',
    size: `854x${heights.source}`,
    videoBitrate: 2_500_000,
    gopSeconds: 2,
    env: {
      NOWCAST_PUBLIC_EDGE_URL: `http://127.0.0.1:${linkPort}`,
      NOWCAST_LADDER: `source,${heights.small}`,
      NOWCAST_X264_PRESET: 'superfast',
      // The browser may load the whole machine. That must not make the edge refuse it.
      NOWCAST_EDGE_OVERLOAD_DELAY_MS: '0',
      NOWCAST_EDGE_OVERLOAD_BUSY: '0',
    },
  })
  const proxy = await startLinkProxy([{ port: linkPort, target: Number(new URL(channel.edgeUrl).port) }])
  const link = startChangingLink(proxy.use)
  return {
    watchUrl: `${channel.whole.managerUrl}/watch/${channel.slug}`,
    /** Sets the rate to the viewer, kbit/s; without one, that of a good link. Connections stay. */
    setRate: (downKbps = good.downKbps) => link.change({ ...good, downKbps }),
    /**
     * Lets nothing pass for some time, in both directions. Connections stay. Resolves when the link is good
     * again.
     */
    interrupt(seconds: number): Promise<void> {
      link.change(good, [{ seconds, downKbps: 0, upKbps: 0 }])
      return delay(seconds * 1000)
    },
    async stop() {
      proxy.close()
      await channel.stop()
    },
  }
}

/** Passes a link to `use`. Its conditions are good, and change when the test says so. */
function startChangingLink(use: Awaited<ReturnType<typeof startLinkProxy>>['use']) {
  const startedAt = performance.now()
  let schedule = createSchedule({ base: good })
  /** Time of the last change, ms since the start of the link. */
  let since = 0
  const changing = {
    lengthMs: 0,
    at: (atMs: number) => schedule.at(atMs - since),
    nextChange: (atMs: number) => since + schedule.nextChange(atMs - since),
    isCutAt: () => false,
  }
  use(createLink(changing, 1))
  return {
    change(base: Conditions, phases: readonly Phase[] = []): void {
      schedule = createSchedule({ base, phases })
      since = performance.now() - startedAt
    },
  }
}
