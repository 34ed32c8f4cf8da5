import { videoTimescale } from '../mp4/movie-writer.ts'
import type { Sample } from '../mp4/sample.ts'
import { type Cut, sameTimeMs } from './cut-list.ts'

/** Changes when the frames of a rendition are decoded, never when they are shown. */
export class DecodeTimes {
  /** Composition offset of the newest keyframe, ticks. */
  #shift = 0

  /**
   * Moves decode times so that a keyframe is decoded when it is shown. The segments of a source with
   * reordered frames then begin at the same time as those of the renditions encoded from it.
   */
  align(sample: Sample): Sample {
    if (sample.isSync) this.#shift = sample.compositionOffset
    const shift = this.#shift
    if (shift === 0) return sample
    return { ...sample, dts: sample.dts + shift, compositionOffset: sample.compositionOffset - shift }
  }
}

/** Where a frame may be decoded earlier. Times are ms. */
export interface CarryOptions {
  /** End of the part before the frame. */
  fromMs: number
  maxMs: number
  timescale: number
}

/** Decodes a frame earlier, where the part before it ended, so that there is no hole between them. */
export function carriedTo(sample: Sample, { fromMs, maxMs, timescale }: CarryOptions): Sample {
  const ahead = sample.dts - Math.round((fromMs * timescale) / 1000)
  const aheadMs = (ahead * 1000) / timescale
  if (aheadMs <= sameTimeMs || aheadMs > maxMs) return sample
  return {
    ...sample,
    dts: sample.dts - ahead,
    duration: sample.duration + ahead,
    compositionOffset: sample.compositionOffset + ahead,
  }
}

/** Maximum distance of a frame from that of another rendition that is the same, ticks of video. */
const sameTicks = (sameTimeMs * videoTimescale) / 1000

/**
 * Lets the first frame of a part be decoded exactly when that of the other renditions is. The times of
 * reordered frames are rounded twice, so they may differ by a millisecond from those of the encoded ones.
 */
export function atCut(sample: Sample, cut: Cut | undefined): Sample {
  if (cut === undefined) return sample
  cut.decodeTicks ??= sample.dts
  const later = cut.decodeTicks - sample.dts
  if (later === 0 || Math.abs(later) > sameTicks) return sample
  return {
    ...sample,
    dts: sample.dts + later,
    duration: sample.duration - later,
    compositionOffset: sample.compositionOffset - later,
  }
}
