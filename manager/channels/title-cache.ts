import type { Channel } from '../store/channels.ts'

/** What a page needs of a channel. */
export type PageChannel = Pick<
  Channel,
  'id' | 'slug' | 'title' | 'latency' | 'playback' | 'tokensRevokedUntil'
>

/** Another manager's change shows after this time, ms; our own at once. */
const freshMs = 3000
/** So many slugs are remembered, also those that do not exist. */
const maxEntries = 10_000

interface Entry {
  channel: Promise<PageChannel | undefined>
  readAt: number
}

export type TitleCache = ReturnType<typeof createTitleCache>

/**
 * Channels for the watch page, from memory: a spike of viewers asks the store once in `freshMs` for each slug.
 * When the store fails, the last known answer serves on. `now` is a clock in ms.
 */
export function createTitleCache(
  load: (slug: string) => Promise<PageChannel | undefined>,
  now: () => number = Date.now,
) {
  const entries = new Map<string, Entry>()

  function read(slug: string, former: Entry | undefined): Promise<PageChannel | undefined> {
    const channel = load(slug).catch((error) => {
      if (former === undefined) {
        if (entries.get(slug)?.channel === channel) entries.delete(slug)
        throw error
      }
      return former.channel
    })
    entries.delete(slug)
    entries.set(slug, { channel, readAt: now() })
    const [oldest] = entries.keys()
    if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest)
    return channel
  }

  return {
    /** Undefined when there is no such channel. Rejects only when the store fails and nothing is known. */
    get(slug: string): Promise<PageChannel | undefined> {
      const entry = entries.get(slug)
      return entry && now() - entry.readAt < freshMs ? entry.channel : read(slug, entry)
    },

    forget(slug: string): void {
      entries.delete(slug)
    },
  }
}
