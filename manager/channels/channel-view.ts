import type { PublicUrls } from '../http/public-urls.ts'
import type { ChannelView, LiveView } from '../schemas/channel.ts'
import { experienceView } from '../sessions/experience-view.ts'
import type { LiveSnapshot } from '../sessions/live-view.ts'
import type { Channel } from '../store/channels.ts'

/** A channel as the API shows it, without its key. */
export function channelView(
  channel: Channel,
  snapshot: LiveSnapshot,
  urls: PublicUrls,
  hostHeader: string | undefined,
): ChannelView {
  const { id, slug, title, latency, takeover, enabled, createdAt, updatedAt } = channel
  return {
    id,
    slug,
    title,
    latency,
    takeover,
    enabled,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    ingest: { server: urls.rtmpServer(hostHeader) },
    playback: { ...urls.playback(slug, hostHeader), mode: channel.playback },
    live: liveView(channel, snapshot),
  }
}

/** What is on air in a channel; null when nothing is. */
export function liveView(
  { id, slug }: Pick<Channel, 'id' | 'slug'>,
  { byChannel, origins, viewers, experience }: LiveSnapshot,
): LiveView | null {
  const session = byChannel.get(id)
  if (!session) return null
  const { sessionId, startedAt, source } = session
  const origin = origins.get(sessionId)
  return {
    sessionId,
    startedAt: new Date(startedAt).toISOString(),
    state: origin?.state === 'live' ? 'live' : 'starting',
    viewers: viewers.get(slug) ?? 0,
    experience: experienceView(experience.get(slug)),
    source,
    renditions: origin?.renditions ?? [],
    health: origin?.health ?? null,
  }
}
