import { videoTimescale } from '../mp4/movie-writer.ts'
import type { Sample } from '../mp4/sample.ts'
import { type Cut, sameTimeMs } from './cut-list.ts'

/** Changes the decode times of one rendition. */
export class DecodeTimes {
  /** Composition offset of the newest keyframe, ticks. All decode times are moved by it. */
  #shift = 0

  /**
   * Moves decode times so that a keyframe is decoded when it is presented. A passed rendition with reordered
   * frames then starts its segments at the same times as the renditions that are encoded from it.
   */
  align(sample: Sample): Sample {
    if (sample.isSync) this.#shift = sample.compositionOffset
    const shift = this.#shift
    if (shift === 0) return sample
    return { ...sample, dts: sample.dts + shift, compositionOffset: sample.compositionOffset - shift }
  }
}

/** Limits for decoding a frame earlier. `maxMs` is the maximum change of its decode time, ms. */
export interface CarryOptions {
  /** End of the part before the frame, ms. */
  fromMs: number
  maxMs: number
  timescale: number
}

/**
 * Moves the decode time of the first frame of a part to the end of the part before it, so that there is no
 * hole or overlap between them; a frame that depends on others, one tick before that. A difference of more
 * than `sameTimeMs` too early, or `maxMs` too late, stays.
 *
 * Shaka Player 5.2 compares the decode time with the time in the playlist, and resets its decoder when the
 * part seems to begin before the latter by any rounding error. It then drops frames up to the next keyframe.
 */
export function carriedTo(sample: Sample, { fromMs, maxMs, timescale }: CarryOptions): Sample {
  const fromTicks = Math.round((fromMs * timescale) / 1000) - (sample.isSync ? 0 : 1)
  const ahead = sample.dts - fromTicks
  const aheadMs = (ahead * 1000) / timescale
  if (aheadMs < -sameTimeMs || aheadMs > maxMs) return sample
  const moved = { ...sample, dts: sample.dts - ahead, duration: sample.duration + ahead }
  // A rounding error may move the presentation too. Most media then need no composition offsets.
  return aheadMs > sameTimeMs ? { ...moved, compositionOffset: sample.compositionOffset + ahead } : moved
}

/** Value of `sameTimeMs` in ticks of video. */
const sameTicks = (sameTimeMs * videoTimescale) / 1000

/**
 * Sets the decode time of the first frame of a part to that in the other renditions. The times may differ
 * slightly, because those of reordered frames are rounded twice. A difference above `sameTicks` stays.
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
