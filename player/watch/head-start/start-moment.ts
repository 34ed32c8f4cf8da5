import { bytesOfFiles, type StartIndex } from '../../../core/playback/start-bundle.ts'

/** Maximum time by which the first frame may be delayed to begin nearer to the live edge, ms. */
const patienceMs = 250
/**
 * Minimum media to begin with, as a multiple of the round trip: at first, bytes arrive in bursts, one per
 * round trip.
 */
const leastMedia = 1.6

/** State of a bundle that is being read. */
export interface BundleState {
  /** Bytes of the bundle so far; Infinity when no more come. */
  receivedBytes: number
  /** Time, ms of `performance.now()`. */
  now: number
  /** End of the newest media, seconds from the start of the playlist. */
  liveEdge: number
}

/** Finds when and where playback of a start bundle begins. `rttMs` returns the round trip, ms. */
export function createStartMoment(rttMs: () => number) {
  let bundle: { backMs: number; totalBytes: number } | undefined
  let firstFileAt: number | undefined
  let here: { start: number; end: number } | undefined

  return {
    setIndex(index: StartIndex) {
      bundle = { backMs: index.backMs, totalBytes: bytesOfFiles(index) }
    },

    /**
     * Notes a complete file. The bandwidth is measured from the first one. `now` is ms of
     * `performance.now()`.
     */
    noteFile(now: number) {
      firstFileAt ??= now
    },

    /** Adds the next part or segment of the video. Its place is in seconds from the start of the playlist. */
    addVideo({ start, end }: { start: number; end: number }) {
      here = { start: here?.start ?? start, end }
    },

    /**
     * Returns the position to play from, seconds; undefined while it is too early. Returns the start position
     * of the bundle when all media is here. Returns the first media when the rest would take longer than
     * `patienceMs` and there is enough media to play until more arrives.
     */
    position({ receivedBytes, now, liveEdge }: BundleState): number | undefined {
      if (here === undefined || bundle === undefined) return undefined
      const { backMs, totalBytes } = bundle
      const bytesPerMs = receivedBytes / Math.max(1, now - (firstFileAt ?? now))
      const remainingMs = (totalBytes - receivedBytes) / bytesPerMs
      if (remainingMs <= 1 || receivedBytes >= totalBytes)
        return Math.max(here.start, liveEdge - backMs / 1000)
      const isEnough = (here.end - here.start) * 1000 > leastMedia * rttMs()
      return remainingMs > patienceMs && isEnough ? here.start : undefined
    },
  }
}
