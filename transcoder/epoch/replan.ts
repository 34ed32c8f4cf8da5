import type { Source } from '../../core/media/source.ts'
import { segmentPlanFor } from '../packager/packager.ts'
import { type PlanOptions, planAgain, type TranscodePlan } from '../plan/plan.ts'
import type { SourceTracks } from '../source/source-tracks.ts'

/** A change of plan in the middle of a session, although the source has not changed. */
export interface Replan {
  plan: TranscodePlan
  /** Presentation time from which all video is encoded, ms. */
  fromMs: number
}

/**
 * Returns the longest GOP that segments of a length can follow, ms: a segment ends at the next keyframe,
 * within what HLS allows.
 */
export const maxGopMs = (segmentMs: number) => segmentPlanFor(segmentMs).maxSegmentMs

/** Tolerance for a GOP of exactly one segment, ms: timestamps are whole ms, and a frame may be late. */
const toleranceMs = 50
/** Distance of frames from which on a change of plan begins with the newest, because none comes soon, ms. */
const slowFrameMs = 500

export interface ReplanInput {
  plan: TranscodePlan
  tracks: Pick<
    SourceTracks,
    'newestMs' | 'videoMs' | 'keyframeMs' | 'compositionMs' | 'longestGopMs' | 'frameDistanceMs'
  >
  /** The source as it is now. */
  source: Source
  options: PlanOptions
  /** Configured segment length, ms. */
  segmentMs: number
  /** Longest GOP of the channel's last session, ms. */
  expectedGopMs: number | null
}

/** Returns another plan if the GOP has become too long for segments that follow it. */
export function replanFor(input: ReplanInput): Replan | undefined {
  const { plan, tracks, source, options, segmentMs } = input
  const { videoMs, keyframeMs, compositionMs } = tracks
  if (plan.keyframes === 'timed' || plan.video.length === 0 || videoMs === undefined) return undefined
  if (!isGopTooLong(input)) return undefined
  const timed = planAgain(plan, source, { ...options, followsSource: false })
  const newestMs = videoMs + compositionMs
  if (tracks.frameDistanceMs > slowFrameMs) return { plan: timed, fromMs: newestMs }
  // The latest time that leaves the open segment whole, because the encoder has to decode the whole GOP first.
  const latest = (keyframeMs ?? videoMs) + compositionMs + maxGopMs(segmentMs) - toleranceMs
  return { plan: timed, fromMs: Math.max(newestMs + toleranceMs, latest) }
}

/**
 * A GOP of unknown length is too long as soon as it exceeds the configured segment length, while there is
 * time to change. One that was a little longer in the last session may have what HLS allows.
 */
function isGopTooLong({ tracks, segmentMs, expectedGopMs }: ReplanInput): boolean {
  const maxMs = maxGopMs(segmentMs)
  const isTrusted = expectedGopMs !== null && expectedGopMs > segmentMs && expectedGopMs <= maxMs
  return tracks.longestGopMs > (isTrusted ? maxMs - 2 * toleranceMs : segmentMs + toleranceMs)
}
