import { createHash } from 'node:crypto'
import type { ChannelView } from '../../core/api/channel.ts'
import type { SlateMediaType } from '../../core/contracts/slate-file.ts'
import type { Log } from '../../core/process/log.ts'
import { channelView } from '../channels/channel-view.ts'
import { type ChannelsBySlug, channelNotFound, findChannel } from '../channels/find-channel.ts'
import { preconditionFailed } from '../http/entity-tag.ts'
import { Problem } from '../http/problem.ts'
import type { HostHeader, PublicUrls } from '../http/public-urls.ts'
import type { Revocation } from '../mirrors/revocation.ts'
import type { LiveSnapshot } from '../sessions/live-view.ts'
import type { SlateFile, SlateStore } from '../store/slates.ts'
import { slateFlaw } from './slate-check.ts'

export interface SlateServiceDependencies {
  channels: ChannelsBySlug
  slates: Omit<SlateStore, 'bySha256'>
  revocation: Pick<Revocation, 'grantSoon'>
  live: { readonly snapshot: LiveSnapshot }
  urls: PublicUrls
  log: Log
}

export type SlateService = ReturnType<typeof createSlateService>

/**
 * Creates the operations of `/v1/channels/{slug}/slate`. Methods reject with a Problem, which becomes the
 * response. A change applies from the next publish; while Redis is away, from the next one after its return.
 */
export function createSlateService(dependencies: SlateServiceDependencies) {
  const { channels, slates, revocation, live, urls, log } = dependencies

  return {
    /**
     * Sets the slate of a channel.
     * @throws Problem `channel_not_found`, `slate_unusable`; `bad_request` when the file is empty
     */
    async put(
      slug: string,
      mediaType: SlateMediaType,
      content: Buffer | undefined,
      host: HostHeader,
    ): Promise<ChannelView> {
      const { id } = await findChannel(channels, slug)
      if (content === undefined || content.length === 0)
        throw new Problem('bad_request', 'The body is empty: send the file of the slate')
      const flaw = slateFlaw(content, mediaType)
      if (flaw !== undefined) throw new Problem('slate_unusable', flaw)
      const sha256 = createHash('sha256').update(content).digest('hex')
      const bytes = content.length
      const channel = await slates.put(id, { sha256, mediaType, bytes, content }, Date.now())
      if (!channel) throw channelNotFound(slug)
      log.info({ slug, sha256, mediaType, bytes }, 'slate stored')
      await revocation.grantSoon(channel)
      return channelView(channel, live.snapshot, urls, host)
    },

    /** Returns the slate with its file. @throws Problem `channel_not_found`, `slate_not_found` */
    async read(slug: string): Promise<SlateFile> {
      const { id } = await findChannel(channels, slug)
      const file = await slates.ofChannel(id)
      if (file === undefined) throw slateNotFound(slug)
      return file
    },

    /**
     * Removes the slate of a channel, if it is one of those expected (SHA-256 in hex); undefined: any.
     * @throws Problem `channel_not_found`, `slate_not_found`, `precondition_failed`
     */
    async remove(slug: string, expected?: readonly string[]): Promise<void> {
      const { id, slate } = await findChannel(channels, slug)
      if (slate === null) throw slateNotFound(slug)
      const channel = await slates.remove(id, Date.now(), expected)
      if (!channel) throw expected === undefined ? channelNotFound(slug) : preconditionFailed()
      log.info({ slug }, 'slate removed')
      await revocation.grantSoon(channel)
    },
  }
}

const slateNotFound = (slug: string) => new Problem('slate_not_found', `The channel ${slug} has no slate`)
