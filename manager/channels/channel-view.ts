import type { ChannelView, LiveStatus } from '../../core/api/channel.ts'
import type { ExperienceView } from '../../core/api/experience.ts'
import type { Experience } from '../../core/contracts/experience.ts'
import { type Sketch, sketchQuantile } from '../../core/contracts/sketch.ts'
import type { HostHeader, PublicUrls } from '../http/public-urls.ts'
import type { LiveSnapshot } from '../sessions/live-view.ts'
import type { Channel } from '../store/channel-record.ts'

/**
 * Returns the channel as most responses contain it. The stream key is not part of this: it has a view of its
 * own, `StreamKeyView`.
 */
export function channelView(
  channel: Channel,
  snapshot: LiveSnapshot,
  urls: PublicUrls,
  hostHeader: HostHeader,
): ChannelView {
  const { id, slug, title, latency, takeover, graceMs, priority, enabled, createdAt, updatedAt } = channel
  return {
    id,
    slug,
    title,
    latency,
    takeover,
    graceMs,
    priority,
    enabled,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    ingest: { server: urls.rtmpServer(hostHeader) },
    playback: { ...urls.playback(slug, hostHeader), mode: channel.playback },
    slate: channel.slate,
    live: liveStatus(channel, snapshot),
  }
}

/**
 * Returns the live status of a channel; null when it has no session. A session is `starting` until its
 * transcoder reports it live, and `interrupted` while it waits for its publisher.
 */
function liveStatus(
  { id, slug }: Channel,
  { byChannel, origins, viewers, experience }: LiveSnapshot,
): LiveStatus | null {
  const session = byChannel.get(id)
  if (!session) return null
  const { sessionId, startedAt, source, interruption } = session
  const origin = origins.get(sessionId)
  return {
    sessionId,
    startedAt: new Date(startedAt).toISOString(),
    state: interruption ? 'interrupted' : origin?.state === 'live' ? 'live' : 'starting',
    viewers: viewers.get(slug) ?? 0,
    experience: experienceView(experience.get(slug)),
    source,
    renditions: origin?.renditions ?? [],
    health: origin?.health ?? null,
  }
}

/**
 * Returns the experience of a channel's viewers; null when no player has reported it. Each measure is null
 * until a player has reported that one.
 */
export function experienceView(experience: Experience | undefined): ExperienceView | null {
  if (experience === undefined) return null
  const { measures, stalledMs, playedMs } = experience
  const watchedMs = stalledMs + playedMs
  return {
    joinMs: spread(measures.joinMs),
    latencyMs: spread(measures.latencyMs),
    bufferMs: spread(measures.bufferMs),
    bitrate: spread(measures.bitrate),
    throughput: spread(measures.throughput),
    stallRatio: watchedMs > 0 ? Number((stalledMs / watchedMs).toFixed(4)) : null,
  }
}

function spread(sketch: Sketch = {}): ExperienceView['joinMs'] {
  const p50 = sketchQuantile(sketch, 0.5)
  const p95 = sketchQuantile(sketch, 0.95)
  return p50 === undefined || p95 === undefined ? null : { p50: Math.round(p50), p95: Math.round(p95) }
}
