import type Hls from 'hls.js'
import { mediaUrls, readMediaPlaylist } from '../head-start/media-playlist.ts'
import { requestBody } from '../network/requests.ts'

/** A version of a playlist, compared with what hls.js knows. */
export interface ProbedPlaylist {
  /** URL of the next blocking reload; undefined after the end, and without parts or blocking reload. */
  next: string | undefined
  /** Whether hls.js lacks its newest media. */
  isNew: boolean
}

/** Time after which a request is given up, ms. */
const timeoutMs = 2500

export type PlaylistProbe = ReturnType<typeof createPlaylistProbe>

/**
 * Creates a reader of the playlist that hls.js plays, which does not use its requests. `addQuery` adds CMCD
 * and the current token to a URL.
 */
export function createPlaylistProbe(hls: Hls, addQuery: (url: string) => string) {
  const closing = new AbortController()
  const newestUrl = () => {
    const details = hls.latestLevelDetails
    return details?.partList?.at(-1)?.url ?? details?.fragments.at(-1)?.url
  }

  return {
    /** URL of the playlist without directives; undefined before hls.js knows one. */
    get level(): string | undefined {
      return hls.latestLevelDetails === null ? undefined : hls.levels[hls.loadLevel]?.uri
    },

    /**
     * Requests a version of the playlist at `level`. Resolves with undefined when there is no response in
     * time, and when hls.js has got new media meanwhile. Never rejects.
     */
    async read(url: string, level: string): Promise<ProbedPlaylist | undefined> {
      const known = newestUrl()
      const pending = requestBody(addQuery(url))
      const timer = setTimeout(pending.abort, timeoutMs)
      closing.signal.addEventListener('abort', pending.abort)
      try {
        const playlist = readMediaPlaylist(new TextDecoder().decode((await pending.body).data), level)
        if (closing.signal.aborted || newestUrl() !== known) return undefined
        return { next: playlist.next, isNew: mediaUrls(playlist).at(-1) !== known }
      } catch {
        return undefined
      } finally {
        clearTimeout(timer)
        closing.signal.removeEventListener('abort', pending.abort)
      }
    },

    /** Ends all requests. */
    close: () => closing.abort(),
  }
}
