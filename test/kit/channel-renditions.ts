import { createHash } from 'node:crypto'
import type { ChannelRequests, PlaylistResponse } from './channel-requests.ts'
import { trackTimes } from './fragments.ts'
import type { ReadPlaylist } from './playlist.ts'
import { waitFor } from './wait-for.ts'

/** The first video variant of the multivariant playlist, or the first audio rendition. */
type Which = 'video' | 'audio'

/**
 * Finds the renditions of a channel through its multivariant playlist, and requests their playlists and
 * media.
 */
export function createChannelRenditions({ playlistAt, mediaAt, multivariant }: ChannelRequests) {
  /**
   * URIs that were found before. They still work after the end of the session, when the multivariant playlist
   * is gone.
   */
  const known = new Map<Which, string>()

  async function findUri(which: Which): Promise<string> {
    const { variants, media } = await multivariant()
    const uri =
      which === 'video'
        ? variants.find(({ attributes }) => attributes.has('RESOLUTION'))?.uri
        : media[0]?.get('URI')
    if (uri) known.set(which, uri)
    return uri ?? ''
  }
  const uriOf = async (which: Which) => known.get(which) ?? (await findUri(which))

  async function playlistUris(): Promise<string[]> {
    const { variants, media } = await multivariant()
    const uris = [...variants.map(({ uri }) => uri), ...media.map((each) => each.get('URI') ?? '')]
    return [...new Set(uris.filter((uri) => uri !== ''))]
  }

  return {
    uriOf,
    playlistUris,
    playlist: async (which: Which, query: string) => playlistAt(await uriOf(which), query),
    media: async (which: Which, uri: string) => mediaAt(await uriOf(which), uri),

    /**
     * Returns a playlist at the moment when its next part is added. A plain request may get one that is half
     * a target duration old.
     */
    async fresh(uri: string): Promise<PlaylistResponse> {
      const { next } = await playlistAt(uri)
      return playlistAt(uri, `_HLS_msn=${next.msn}&_HLS_part=${next.part}`)
    },

    async allPlaylists(): Promise<Map<string, ReadPlaylist>> {
      const uris = await playlistUris()
      const read = await Promise.all(
        uris.map(async (uri) => [uri, (await playlistAt(uri)).playlist] as const),
      )
      return new Map(read)
    },

    /**
     * Returns decode time (ticks) and sample count of each fragment, by the URI of the video rendition. The
     * fragments are those of the newest `count` segments that are whole in all renditions.
     */
    async decodeTimes(count: number): Promise<Map<string, string[]>> {
      const uris = (await multivariant()).variants
        .filter(({ attributes }) => attributes.has('RESOLUTION'))
        .map(({ uri }) => uri)
      const playlists = await Promise.all(
        uris.map(async (uri) => ({ uri, playlist: (await playlistAt(uri)).playlist })),
      )
      const newest = Math.min(
        ...playlists.map((each) => each.playlist.segments.findLast((segment) => segment.uri)?.msn ?? 0),
      )
      const times = new Map<string, string[]>()
      for (const each of playlists) {
        const segments = each.playlist.segments.filter(
          ({ msn, uri }) => uri && msn > newest - count && msn <= newest,
        )
        const bodies = await Promise.all(segments.map(({ uri }) => mediaAt(each.uri, uri ?? '')))
        times.set(
          each.uri,
          bodies.flatMap(({ body }) => trackTimes(body)),
        )
      }
      return times
    },
  }
}

/** Follows the playlist of a rendition over time. */
export function createChannelWatch({ playlist }: ReturnType<typeof createChannelRenditions>) {
  return {
    /** Waits until at least `count` segments are whole, counted by the media sequence number. */
    async untilSegments(which: Which, count: number): Promise<void> {
      await waitFor(`segment ${count}`, async () => (await playlist(which, '')).lastWhole + 1 >= count, {
        timeoutMs: 60_000,
        everyMs: 250,
      })
    },

    /** Returns `count` versions: the present one, then that of a blocking reload for each next part. */
    async follow(which: Which, count: number): Promise<ReadPlaylist[]> {
      const versions: ReadPlaylist[] = []
      let { next, playlist: first } = await playlist(which, '')
      versions.push(first)
      while (versions.length < count) {
        const response = await playlist(which, `_HLS_msn=${next.msn}&_HLS_part=${next.part}`)
        versions.push(response.playlist)
        next = response.next
      }
      return versions
    },

    /** Waits until the playlist has not changed for a second. Resolves with its last version. */
    async untilStill(which: Which): Promise<PlaylistResponse> {
      let hash = ''
      let since = performance.now()
      return waitFor('the playlist to stop changing', async () => {
        const response = await playlist(which, '')
        const now = createHash('sha1').update(response.text).digest('hex')
        if (now !== hash) since = performance.now()
        hash = now
        return performance.now() - since > 1000 && response
      })
    },
  }
}
