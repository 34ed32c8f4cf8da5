import type { ChannelChanges, ChannelView, CreatedChannelView, NewChannel } from '../../core/api/channel.ts'
import { newChannelId } from '../../core/contracts/ids.ts'
import { shareReads } from '../../core/mechanisms/share-reads.ts'
import type { Log } from '../../core/process/log.ts'
import type { Reach } from '../access/principal.ts'
import { channelCursor, readChannelCursor } from '../http/cursor.ts'
import { preconditionFailed, type Versions } from '../http/entity-tag.ts'
import { readListPage } from '../http/list-page.ts'
import { Problem } from '../http/problem.ts'
import type { HostHeader, PublicUrls } from '../http/public-urls.ts'
import type { Revocation } from '../mirrors/revocation.ts'
import type { LiveSnapshot } from '../sessions/live-view.ts'
import type { Channel } from '../store/channel-record.ts'
import type { ChannelStore } from '../store/channels.ts'
import { channelView } from './channel-view.ts'
import { channelNotFound, findChannel } from './find-channel.ts'
import type { StreamKeyService } from './stream-key-service.ts'

export interface ChannelServiceDependencies {
  channels: ChannelStore
  streamKeys: Pick<StreamKeyService, 'newKey' | 'keyView'>
  revocation: Revocation
  live: { readonly snapshot: LiveSnapshot }
  urls: PublicUrls
  /**
   * Called with the slug of a channel that was created, changed or removed, so that pages drop their copy of
   * the channel.
   */
  onChange(slug: string): void
  log: Log
}

export type ChannelService = ReturnType<typeof createChannelService>

/**
 * Creates the operations of `/v1/channels`. Methods reject with a Problem, which becomes the response. Any
 * other error becomes a 500.
 */
export function createChannelService(dependencies: ChannelServiceDependencies) {
  const { channels, streamKeys, revocation, live, urls, onChange, log } = dependencies
  const bySlug = shareReads((slug: string) => channels.bySlug(slug))
  const view = (channel: Channel, host: HostHeader) => channelView(channel, live.snapshot, urls, host)

  return {
    /**
     * Creates a channel with a new stream key. Succeeds without Redis: ingests accept the key as soon as
     * Redis is back.
     * @throws Problem `slug_taken`
     */
    async create(request: NewChannel, host: HostHeader): Promise<CreatedChannelView> {
      const id = newChannelId()
      const { streamKey, storedKey } = streamKeys.newKey(id)
      const channel: Channel = { ...defaultsOf(request), ...storedKey, id }
      if (!(await channels.add(channel))) throw slugTaken(request.slug)
      await revocation.openPlaybackSoon()
      await revocation.grantSoon(channel)
      onChange(channel.slug)
      log.info({ slug: channel.slug, channelId: id }, 'channel created')
      return { ...view(channel, host), ...streamKeys.keyView(channel, streamKey, host) }
    },

    /** Lists the channels within `reach`. */
    list(reach: Reach, limit: number, cursor: string | undefined, host: HostHeader) {
      const after = cursor === undefined ? undefined : readChannelCursor(cursor)
      return readListPage(limit, {
        read: (limit) => channels.page(limit, after, reach === 'all' ? undefined : reach),
        itemOf: (channel) => view(channel, host),
        cursorAfter: ({ slug }) => channelCursor(slug),
      })
    },

    get: async (slug: string, host: HostHeader): Promise<ChannelView> =>
      view(await findChannel({ bySlug }, slug), host),

    /**
     * Changes a channel if its version is one of `expected`. Disabling it also ends its session.
     * @throws Problem `channel_not_found`, `precondition_failed`. `redis_unavailable`, with nothing changed,
     * when Redis is away and the change disables the channel or makes it signed: edges and ingests must
     * follow such a change at once. `revocation_pending` when Redis goes away after the change was stored
     */
    async change(
      slug: string,
      changes: ChannelChanges,
      host: HostHeader,
      expected?: Versions,
    ): Promise<ChannelView> {
      const { id } = await findChannel(channels, slug)
      const disabling = changes.enabled === false
      const signing = changes.playback === 'signed'
      if (disabling || signing) await revocation.prepare()
      const channel = await channels.update(id, changes, Date.now(), expected)
      if (!channel) throw expected === undefined ? channelNotFound(slug) : preconditionFailed()
      onChange(slug)
      log.info({ slug, fields: Object.keys(changes) }, 'channel changed')
      if (signing) await revocation.closePlayback()
      else if (changes.playback !== undefined) await revocation.openPlaybackSoon()
      if (disabling) await revocation.withdraw(channel)
      else await revocation.grantSoon(channel)
      return view(channel, host)
    },

    /**
     * Removes a channel if its version is one of `expected`, and ends its session. The playback rules are not
     * written here, so that edges still require tokens of a signed channel while its session ends.
     * @throws Problem `channel_not_found`, `precondition_failed`. `redis_unavailable`, with nothing removed,
     * when Redis is away. `revocation_pending` when Redis goes away after the removal
     */
    async remove(slug: string, expected?: Versions): Promise<void> {
      const channel = await findChannel(channels, slug)
      await revocation.prepare()
      if (!(await channels.remove(channel.id, expected)) && expected !== undefined) throw preconditionFailed()
      onChange(slug)
      log.info({ slug, channelId: channel.id }, 'channel removed')
      await revocation.withdraw(channel)
    },
  }
}

function defaultsOf(request: NewChannel) {
  const now = Date.now()
  return {
    title: request.slug,
    latency: 'low',
    takeover: false,
    graceMs: null,
    priority: 0,
    slate: null,
    enabled: true,
    playback: 'public',
    tokensRevokedUntil: 0,
    ...request,
    createdAt: now,
    updatedAt: now,
  } as const
}

const slugTaken = (slug: string) =>
  new Problem('slug_taken', `A channel with the slug ${slug} already exists`, {
    fieldErrors: [{ in: 'body', field: 'slug', message: 'is taken' }],
  })
