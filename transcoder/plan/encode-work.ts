import { encodedVideo, passedVideo, type TranscodePlan, type VideoRendition } from './plan.ts'

/** What the encoded video of a plan costs. */
export interface EncodeWork {
  /** Work of each encoded rendition, omitted ones included, megapixels/s; in the order of the plan. */
  renditions: readonly number[]
  /** Number of encoded renditions that stay even if there is no room. */
  minimum: 0 | 1
}

/** Frame rate that stands for one that is not known yet, frames/s. */
const usualFps = 30

/**
 * Returns the work of a rendition, megapixels/s. The frame rate is rounded, so that small changes of the
 * measured rate do not change how much fits.
 */
const workOf = ({ width, height }: VideoRendition, fps: number) =>
  (width * height * Math.max(1, Math.round(fps > 0 ? fps : usualFps))) / 1e6

/**
 * Returns the work of a plan. Every viewer must have a rendition to play, so one is always encoded if the
 * passed one is not H.264.
 */
export function encodeWorkOf(plan: TranscodePlan): EncodeWork {
  const encoded = [...plan.omitted, ...encodedVideo(plan)]
  const passed = passedVideo(plan)
  const isPlayable = passed !== undefined && !passed.name.includes('-')
  const minimum = encoded.length > 0 && !isPlayable ? 1 : 0
  return { renditions: encoded.map((rendition) => workOf(rendition, plan.fps)), minimum }
}

/** Returns a plan whose encoded renditions are the `count` smallest; the larger ones are omitted. */
export function withEncoded(plan: TranscodePlan, count: number): TranscodePlan {
  const encoded = [...plan.omitted, ...encodedVideo(plan)]
  const omitted = encoded.slice(0, Math.max(0, encoded.length - count))
  const passed = passedVideo(plan)
  return { ...plan, video: [...(passed ? [passed] : []), ...encoded.slice(omitted.length)], omitted }
}

export const sumOf = (works: readonly number[]) => works.reduce((sum, work) => sum + work, 0)
