import type { Sample } from '../mp4/sample.ts'
import { sameTimeMs } from './cut-list.ts'

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
