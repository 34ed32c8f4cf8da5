import { setTimeout as delay } from 'node:timers/promises'
import { createChannelRequests } from '../../../test/kit/channel-requests.ts'
import { readFragments, type TrackFragment } from '../../stand/track-fragments.ts'

export interface FetchedSegment {
  isGap: boolean
  /** Track fragments of the segment, one per part; none for a gap. */
  fragments: TrackFragment[]
  /** Whether the parts, fetched one by one, add up to the segment. */
  isSumOfParts: boolean
}

/** Time between two requests of a playlist, ms. Parts stay listed for at least 6 s. */
const pollMs = 1000

/**
 * Fetches all parts and segments of a rendition until `signal` aborts. Returns the segments by media sequence
 * number.
 * @throws Error when a part or segment that is listed cannot be fetched
 */
export async function fetchRendition(
  base: string,
  uri: string,
  signal: AbortSignal,
): Promise<Map<number, FetchedSegment>> {
  const { playlistAt, mediaAt } = createChannelRequests(base)
  const parts = new Map<string, Buffer>()
  const segments = new Map<number, FetchedSegment>()
  const fetchMedia = async (mediaUri: string) => {
    const { status, body } = await mediaAt(uri, mediaUri)
    if (status !== 200) throw new Error(`${mediaUri} of ${uri}: ${status}`)
    return body
  }
  while (!signal.aborted) {
    const { status, playlist } = await playlistAt(uri)
    for (const segment of status === 200 ? playlist.segments : []) {
      if (segments.has(segment.msn)) continue
      for (const { uri } of segment.parts) if (!parts.has(uri)) parts.set(uri, await fetchMedia(uri))
      if (segment.uri === undefined) continue
      const body = segment.gap ? Buffer.alloc(0) : await fetchMedia(segment.uri)
      segments.set(segment.msn, {
        isGap: segment.gap,
        fragments: readFragments(body),
        isSumOfParts: Buffer.concat(segment.parts.map(({ uri }) => parts.get(uri) ?? Buffer.alloc(0))).equals(
          body,
        ),
      })
      for (const { uri } of segment.parts) parts.delete(uri)
    }
    await delay(pollMs)
  }
  return segments
}
