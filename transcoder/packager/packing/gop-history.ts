/** Maximum number of GOPs from which the next keyframe is predicted. */
const maxGops = 8

export interface GopHistoryOptions {
  /** Length of the longest GOP to expect, ms; 0 when unknown. */
  gopMs: number
  /** Maximum value of `longestMs`, ms. */
  maxGopMs: number
}

/** Remembers the last GOPs of a source, to predict the next keyframe. Times are ms. */
export function createGopHistory({ gopMs, maxGopMs }: GopHistoryOptions) {
  const gops: number[] = gopMs > 0 ? [gopMs] : []
  let keyframeMs = 0

  return {
    /** Notes the first frame. The first GOP is measured from it. */
    begin(timeMs: number): void {
      keyframeMs = timeMs
    },

    recordKeyframe(timeMs: number): void {
      gops.push(timeMs - keyframeMs)
      if (gops.length > maxGops) gops.shift()
      keyframeMs = timeMs
    },

    /** Returns the length of the longest GOP remembered, at most `maxGopMs`; 0 when there is none. */
    longestMs: () => Math.min(maxGopMs, Math.max(0, ...gops)),

    get keyframeMs() {
      return keyframeMs
    },
  }
}
