import type Hls from 'hls.js'
import { Events, type FragLoadedData, type FragLoadingData, type Level, type LevelDetails } from 'hls.js'
import type { Ahead } from '../network/ahead.ts'
import { arrivals } from '../network/arrivals.ts'
import type { LinkWatch } from '../network/link-watch.ts'
import { bitratesOf } from './levels.ts'
import { siblingUrl } from './next-rendition.ts'
import { createReplacedPicture } from './replaced-picture.ts'
import { partOf, secondsToBoundary } from './segment-boundary.ts'

/** Factor by which a change within a segment must be quicker than the rest of the segment. */
const leaveFactor = 1.5

interface MidSegmentChangeOptions {
  link: Pick<LinkWatch, 'throughput'>
  ahead: Pick<Ahead, 'request'>
}

/**
 * Changes to a lower rendition within a segment. The segment is then loaded from its start, because a decoder
 * needs the keyframe, and the media of the segment that is already here is lost. The methods that take levels
 * take their indexes in `hls.levels`.
 */
export function createMidSegmentChange({ link, ahead }: MidSegmentChangeOptions) {
  let loading: Pick<FragLoadingData, 'frag' | 'part'> | undefined
  let last: { msn: number; part: number | undefined } | undefined
  /** Init segment and first media of the segment that is loaded, until it arrives. */
  let requested: string[] = []
  const picture = createReplacedPicture()

  /** Duration of the media from what was loaded last to the end of the segment that is loaded, seconds. */
  function restSeconds(details: LevelDetails): number {
    const seconds = last ? secondsToBoundary(details, last) : 0
    return seconds > 0 || loading === undefined ? seconds : details.targetduration
  }

  return {
    picture,
    /** The media of the main track that was loaded last; undefined before the first. */
    get last() {
      return last
    },

    /** Must be called when hls.js begins to load media. */
    noteLoading(data: FragLoadingData): void {
      if (data.frag.type === 'main' && typeof data.frag.sn === 'number') loading = data
    },

    /**
     * Must be called when hls.js has loaded media. `details` is its playlist. hls.js then loads the next part
     * of the segment, if there is one, without another event.
     */
    noteLoaded({ frag, part }: FragLoadedData, details: LevelDetails | undefined): void {
      if (frag.type !== 'main' || typeof frag.sn !== 'number') return
      last = { msn: frag.sn, part: part?.index }
      const next = part && details ? partOf(details, frag.sn, part.index + 1) : undefined
      loading = next && { frag, part: next }
      requested = []
    },

    /**
     * Returns by how much the buffer would shrink, seconds, if the rest of the segment were loaded in the
     * level `current`: it plays faster than the link can load it.
     */
    shortfall(hls: Hls, current: number): number {
      const level = hls.levels[current]
      if (!level?.details) return 0
      const slowness = bitratesOf(level).average / Math.max(1, link.throughput.estimate.safe)
      return Math.max(0, slowness - 1) * restSeconds(level.details)
    },

    /**
     * Whether the whole segment in the level `to` arrives much sooner than the rest of it in the level
     * `current`.
     */
    isQuicker(hls: Hls, current: number, to: number): boolean {
      const [from, lower] = [hls.levels[current], hls.levels[to]]
      if (!from?.details || !lower) return true
      const restBits = bitratesOf(from).average * restSeconds(from.details) - arrivals.received * 8
      return bitratesOf(lower).average * from.details.targetduration * leaveFactor < restBits
    },

    /**
     * Changes from the level `current` to the level `to`. Aborts what is being loaded, because it would come
     * too late. Requests the init segment and the start of the segment in the lower rendition at once: hls.js
     * would request them one after the other, after the playlist.
     */
    change(hls: Hls, current: number, to: number): void {
      const abandoned = loading ? startOf(loading) : requested
      const msn = loading?.frag.sn ?? last?.msn
      if (typeof msn === 'number') picture.expect(msn)
      if (loading) abort(hls, loading)
      loading = undefined
      hls.nextLoadLevel = to
      const [fromUrl, toUrl] = [hls.levels[current]?.uri, hls.levels[to]?.uri]
      if (fromUrl === undefined || toUrl === undefined) return
      requested = abandoned.flatMap((url) => siblingUrl(url, fromUrl, toUrl) ?? [])
      for (const url of requested) ahead.request(url)
    },
  }
}

/**
 * Returns the highest of some levels of which a whole segment has at most `bits`; the lowest one when all
 * have more. `segmentSeconds` is the duration of a segment.
 */
export function highestWithin(
  levels: readonly Level[],
  indexes: readonly number[],
  segmentSeconds: number,
  bits: number,
): number {
  const fits = (index: number) => {
    const level = levels[index]
    return level !== undefined && bitratesOf(level).average * segmentSeconds <= bits
  }
  return indexes.findLast(fits) ?? indexes[0] ?? 0
}

function abort(hls: Hls, { frag, part }: Pick<FragLoadingData, 'frag' | 'part'>): void {
  frag.abortRequests()
  hls.trigger(Events.FRAG_LOAD_EMERGENCY_ABORTED, { frag, part: part ?? null, stats: frag.stats })
}

/** Returns the URLs of the init segment and of the first media of the segment that is being loaded. */
function startOf({ frag, part }: Pick<FragLoadingData, 'frag' | 'part'>): string[] {
  const start = part?.url.replace(/\.\d+\.m4s$/, '.0.m4s') ?? frag.url
  return [frag.initSegment?.url, start].filter((url) => url !== undefined)
}
