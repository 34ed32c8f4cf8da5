import { Problem } from '../http/problem.ts'
import type { Channel } from '../store/channel-record.ts'

export interface ChannelsBySlug {
  bySlug(slug: string): Promise<Channel | undefined>
}

/**
 * Returns the channel with a slug.
 * @throws Problem `channel_not_found`
 */
export async function findChannel(channels: ChannelsBySlug, slug: string): Promise<Channel> {
  const channel = await channels.bySlug(slug)
  if (!channel) throw channelNotFound(slug)
  return channel
}

export const channelNotFound = (slug: string) =>
  new Problem('channel_not_found', `No channel has the slug ${slug}`)
