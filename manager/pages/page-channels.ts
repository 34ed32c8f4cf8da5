import { BoundedMap } from '../../core/mechanisms/bounded-map.ts'
import type { Channel } from '../store/channel-record.ts'

export type PageChannel = Pick<
  Channel,
  'id' | 'slug' | 'title' | 'latency' | 'playback' | 'tokensRevokedUntil'
>

/**
 * Time for which a channel in memory is used, ms. Changes by other managers may appear that much later; this
 * manager's own changes appear at once.
 */
const freshMs = 3000
/** Maximum number of slugs in memory, including those of channels that do not exist. */
const maxEntries = 10_000

interface Entry {
  channel: Promise<PageChannel | undefined>
  readAt: number
}

export type PageChannels = ReturnType<typeof createPageChannels>

/**
 * Creates the cache of channels for watch pages, so that a crowd of viewers causes at most one read of the
 * store per slug in `freshMs`. `now` is a clock in ms.
 */
export function createPageChannels(
  load: (slug: string) => Promise<PageChannel | undefined>,
  now: () => number = () => performance.now(),
) {
  const entries = new BoundedMap<string, Entry>(maxEntries)

  function read(slug: string, previous: Entry | undefined): Promise<PageChannel | undefined> {
    const channel = load(slug).catch((error) => {
      if (previous === undefined) {
        if (entries.get(slug)?.channel === channel) entries.delete(slug)
        throw error
      }
      return previous.channel
    })
    entries.set(slug, { channel, readAt: now() })
    return channel
  }

  return {
    /**
     * Returns the channel with a slug; undefined when it does not exist. When the store fails, resolves with
     * the last known result, and rejects if there is none.
     */
    get(slug: string): Promise<PageChannel | undefined> {
      const entry = entries.get(slug)
      return entry && now() - entry.readAt < freshMs ? entry.channel : read(slug, entry)
    },

    forget(slug: string): void {
      entries.delete(slug)
    },
  }
}
