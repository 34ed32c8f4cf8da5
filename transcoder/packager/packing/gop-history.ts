/** Number of GOPs that the prediction of the next keyframe is based on. */
const maxGops = 8

export interface GopHistoryOptions {
  /** Longest GOP to expect, ms; 0 when unknown. */
  gopMs: number
  /** Longest GOP that counts, ms: no segment can wait for a longer one. */
  maxGopMs: number
}

/** Remembers the last GOPs of a source, to predict when the next keyframe comes. Times are ms. */
export function createGopHistory({ gopMs, maxGopMs }: GopHistoryOptions) {
  const gops: number[] = gopMs > 0 ? [gopMs] : []
  let keyframeMs = 0

  return {
    /** Records the first frame, from which the first GOP is measured. */
    begin(timeMs: number): void {
      keyframeMs = timeMs
    },

    recordKeyframe(timeMs: number): void {
      gops.push(timeMs - keyframeMs)
      if (gops.length > maxGops) gops.shift()
      keyframeMs = timeMs
    },

    /** Returns the longest of the last GOPs; 0 when none is known. */
    longestMs: () => Math.min(maxGopMs, Math.max(0, ...gops)),

    /** Time of the newest keyframe. */
    get keyframeMs() {
      return keyframeMs
    },
  }
}
