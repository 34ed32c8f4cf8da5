import { createChannelRequests } from './channel-requests.ts'
import type { ReadPlaylist } from './playlist.ts'
import type { Whole } from './whole.ts'

export type Show = Awaited<ReturnType<typeof followShow>>

/** Follows a channel that becomes live: its session and the playlists that its first listing names. */
export async function followShow(whole: Whole, slug: string) {
  await whole.untilLive(slug)
  const requests = createChannelRequests(`${whole.edgeUrl}/live/${slug}/`)
  const { variants, media } = await requests.multivariant()
  const uris = [...variants.map(({ uri }) => uri), ...media.flatMap((each) => each.get('URI') ?? [])]
  const [first = ''] = uris
  const newest = new Map<string, number[]>()
  const steps: string[] = []

  /** Reads a media playlist; undefined without one. Records when one of its numbers is lower than before. */
  async function read(uri: string): Promise<ReadPlaylist | undefined> {
    const { playlist, status } = await requests.playlistAt(uri)
    if (status !== 200) return undefined
    const last = playlist.segments.at(-1)?.msn ?? 0
    const numbers = [playlist.mediaSequence, playlist.discontinuitySequence, last]
    const before = newest.get(uri) ?? []
    if (numbers.some((number, index) => number < (before[index] ?? 0)))
      steps.push(`${uri}: ${before} became ${numbers}`)
    newest.set(uri, numbers)
    return playlist
  }

  return {
    requests,
    uris: [...new Set(uris)],
    /** Steps back of media sequence numbers and discontinuity sequences so far: there must be none. */
    steps: steps as readonly string[],
    read,
    /** Reads the playlist that was listed first. */
    playlist: () => read(first),
    live: async () =>
      (await whole.api<{ live: { sessionId: string; state: string } | null }>('GET', `/v1/channels/${slug}`))
        .live,
  }
}

/** Number of discontinuities that a playlist has had so far. */
export const discontinuities = ({ discontinuitySequence, segments }: ReadPlaylist) =>
  discontinuitySequence + segments.filter(({ discontinuity }) => discontinuity).length
