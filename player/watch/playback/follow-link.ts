import type Hls from 'hls.js'
import { Events } from 'hls.js'
import type { Latency } from '../../../core/media/latency.ts'
import { createDeliveryMode, type DeliveryMode } from '../network/delivery-mode.ts'
import type { LinkWatch } from '../network/link-watch.ts'

export interface FollowLinkOptions {
  latency: Latency
  link: Pick<LinkWatch, 'roundTrip' | 'isMultiplexed'>
  initialMode: DeliveryMode
}

/**
 * Switches hls.js between parts and whole segments, as the link allows. Channels of the latency class
 * `standard` always load segments.
 */
export function followLink(hls: Hls, { latency, link, initialMode }: FollowLinkOptions): void {
  if (latency === 'standard') return
  const delivery = createDeliveryMode(initialMode)
  hls.config.lowLatencyMode = initialMode === 'parts'
  hls.on(Events.LEVEL_UPDATED, (_, { details }) => {
    if (details.partTarget <= 0) return
    const mode = delivery.decide({
      atMs: performance.now(),
      // A queue that the page's own requests cause makes the typical round trip longer.
      rttMs: link.roundTrip.least,
      partSeconds: details.partTarget,
      isMultiplexed: link.isMultiplexed,
    })
    hls.config.lowLatencyMode = mode === 'parts'
  })
}
