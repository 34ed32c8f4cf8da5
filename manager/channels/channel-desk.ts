import { hashStreamKey, newChannelId, newStreamKey } from '../../core/contracts/ids.ts'
import type { Log } from '../../core/process/log.ts'
import { channelCursor, readChannelCursor } from '../http/cursor.ts'
import { readPage } from '../http/page.ts'
import { Problem } from '../http/problems.ts'
import type { PublicUrls } from '../http/public-urls.ts'
import type {
  ChannelChanges,
  ChannelView,
  CreatedChannelView,
  NewChannel,
  StreamKeyView,
} from '../schemas/channel.ts'
import type { LiveSnapshot } from '../sessions/live-view.ts'
import type { Channel, ChannelStore } from '../store/channels.ts'
import { channelView } from './channel-view.ts'
import { type KeySeal, SealBroken } from './key-seal.ts'
import type { Revocation } from './revocation.ts'

export interface ChannelDeskParts {
  channels: ChannelStore
  seal: KeySeal
  revocation: Revocation
  live: { readonly snapshot: LiveSnapshot }
  urls: PublicUrls
  /** Hears the slug of each channel that was made, changed or removed. */
  onChange(slug: string): void
  log: Log
}

/** The Host header of the request: URLs in the answer may depend on it. */
type Host = string | undefined

export type ChannelDesk = ReturnType<typeof createChannelDesk>

/** What the API does with channels. Everything here rejects with a Problem where the client is to hear of it. */
export function createChannelDesk({
  channels,
  seal,
  revocation,
  live,
  urls,
  onChange,
  log,
}: ChannelDeskParts) {
  async function find(slug: string): Promise<Channel> {
    const channel = await channels.bySlug(slug)
    if (!channel) throw notFound(slug)
    return channel
  }

  const view = (channel: Channel, host: Host) => channelView(channel, live.snapshot, urls, host)

  const keyView = (streamKey: string, host: Host): StreamKeyView => ({
    streamKey,
    ingest: { server: urls.rtmpServer(host), key: streamKey },
  })

  function newKey(channelId: string) {
    const streamKey = newStreamKey()
    return { streamKey, keyHash: hashStreamKey(streamKey), keySealed: seal.seal(streamKey, channelId) }
  }

  return {
    /** @throws Problem `slug_taken` */
    async create(wanted: NewChannel, host: Host): Promise<CreatedChannelView> {
      const id = newChannelId()
      const { streamKey, ...key } = newKey(id)
      const now = Date.now()
      const defaults = {
        title: wanted.slug,
        latency: 'low',
        takeover: false,
        enabled: true,
        playback: 'public',
        tokensRevokedUntil: 0,
      } as const
      const channel: Channel = { ...defaults, ...wanted, ...key, id, createdAt: now, updatedAt: now }
      if (!(await channels.add(channel)))
        throw new Problem('slug_taken', `There is a channel ${wanted.slug} already`, {
          fieldErrors: [{ in: 'body', field: 'slug', message: 'is taken' }],
        })
      await revocation.openPlaybackSoon()
      await revocation.grantSoon(channel)
      onChange(channel.slug)
      log.info({ slug: channel.slug, channelId: id }, 'channel made')
      return { ...view(channel, host), ...keyView(streamKey, host) }
    },

    async list(limit: number, cursor: string | undefined, host: Host) {
      const after = cursor === undefined ? undefined : readChannelCursor(cursor)
      return readPage(limit, {
        read: (most) => channels.page(most, after),
        itemOf: (channel) => view(channel, host),
        cursorAfter: ({ slug }) => channelCursor(slug),
      })
    },

    get: async (slug: string, host: Host): Promise<ChannelView> => view(await find(slug), host),

    /** Disabling also ends what is on air. @throws Problem `redis_unavailable` when disabling or signing would not hold */
    async change(slug: string, changes: ChannelChanges, host: Host): Promise<ChannelView> {
      const { id } = await find(slug)
      const disabling = changes.enabled === false
      const signing = changes.playback === 'signed'
      if (disabling || signing) await revocation.prepare()
      const channel = await channels.update(id, changes, Date.now())
      if (!channel) throw notFound(slug)
      onChange(slug)
      log.info({ slug, fields: Object.keys(changes) }, 'channel changed')
      if (signing) await revocation.closePlayback()
      else if (changes.playback !== undefined) await revocation.openPlaybackSoon()
      if (disabling) await revocation.withdraw(channel)
      else await revocation.grantSoon(channel)
      return view(channel, host)
    },

    /** Also ends what is on air; edges go on asking for tokens until that is over. @throws Problem `redis_unavailable` when the key could not be revoked */
    async remove(slug: string): Promise<void> {
      const channel = await find(slug)
      await revocation.prepare()
      await channels.remove(channel.id)
      onChange(slug)
      log.info({ slug, channelId: channel.id }, 'channel removed')
      await revocation.withdraw(channel)
    },

    /** @throws Problem `key_unreadable` when another cluster secret sealed it */
    async readKey(slug: string, host: Host): Promise<StreamKeyView> {
      const { id, keySealed } = await find(slug)
      try {
        return keyView(seal.open(keySealed, id), host)
      } catch (error) {
        if (!(error instanceof SealBroken)) throw error
        log.error({ slug }, 'a stream key does not open: was it sealed with another cluster secret?')
        throw new Problem(
          'key_unreadable',
          'It was sealed with another cluster secret. Publishing with it still works; to see it, start the manager with the former NOWCAST_CLUSTER_SECRET, or make a new key with POST',
          { cause: error },
        )
      }
    },

    /** A new key; the old one stops working at once. @throws Problem `redis_unavailable` when the old one could not be revoked */
    async rotateKey(slug: string, host: Host): Promise<StreamKeyView> {
      const former = await find(slug)
      await revocation.prepare()
      const { streamKey, ...key } = newKey(former.id)
      const channel = await channels.replaceKey(former.id, former.keyHash, key, Date.now())
      if (!channel) throw new Problem('channel_changed', 'It was deleted or given another key just now')
      log.info({ slug }, 'stream key replaced')
      await revocation.revoke(former)
      return keyView(streamKey, host)
    },
  }
}

const notFound = (slug: string) => new Problem('channel_not_found', `No channel has the slug ${slug}`)
