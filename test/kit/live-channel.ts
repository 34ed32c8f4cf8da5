import { createChannelRenditions, createChannelWatch } from './channel-renditions.ts'
import { createChannelRequests } from './channel-requests.ts'
import { type PublishOptions, startPublisher } from './publisher.ts'
import { startWhole } from './whole.ts'

export type LiveChannel = Awaited<ReturnType<typeof startLiveChannel>>

type Options = Omit<PublishOptions, 'url'> & {
  slug: string
  latency?: 'ultra' | 'low' | 'standard'
  env?: Record<string, string>
}

/**
 * Starts a whole nowcast and a publisher on one channel. Resolves when the channel is live, with functions
 * that request its playlists and media from the edge and that control the publisher.
 */
export async function startLiveChannel({ slug, latency = 'low', env = {}, ...publish }: Options) {
  const whole = await startWhole({ env })
  const created = await whole.api('POST', '/v1/channels', { slug, latency })
  const publisher = startPublisher({ ...publish, url: `${whole.rtmpUrl}/${created.streamKey}` })
  const base = `${whole.edgeUrl}/live/${slug}/`
  async function stop(): Promise<void> {
    publisher.kill('SIGCONT')
    await publisher.stop('SIGKILL')
    await whole.stop()
  }
  try {
    await whole.untilLive(slug)
  } catch (error) {
    await stop()
    throw error
  }
  const requests = createChannelRequests(base)
  const renditions = createChannelRenditions(requests)
  return {
    ...requests,
    ...renditions,
    ...createChannelWatch(renditions),
    slug,
    whole,
    edgeUrl: whole.edgeUrl,
    pausePublisher: () => publisher.kill('SIGSTOP'),
    resumePublisher: () => publisher.kill('SIGCONT'),
    stopPublisher: () => publisher.stop('SIGINT'),
    stop,
  }
}
