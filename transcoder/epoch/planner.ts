import type { Source } from '../../core/media/source.ts'
import { segmentPlanFor } from '../packager/packager.ts'
import { type PlanOptions, planAgain, planTranscode, type TranscodePlan } from '../plan/plan.ts'
import type { SourceTracks } from '../source/source-tracks.ts'
import type { EpochStart } from './epoch-start.ts'

/** What the ingest has measured of a session. */
export interface MeasuredSource {
  source: Source
  /** Longest GOP of the channel's last session, ms. */
  expectedGopMs: number | null
}

export interface PlannerOptions {
  options: Pick<PlanOptions, 'ladder' | 'fillsParts'>
  /** Configured segment length, ms. */
  segmentMs: number
  tracks: Pick<
    SourceTracks,
    'source' | 'videoMs' | 'keyframeMs' | 'compositionMs' | 'longestGopMs' | 'frameDistanceMs'
  >
  measured(): MeasuredSource
}

/** Tolerance for a GOP of exactly one segment, ms: timestamps are whole ms, and a frame may be late. */
const toleranceMs = 50
/** Distance of frames from which on a change of plan begins with the newest, because none comes soon, ms. */
const slowFrameMs = 500

export type Planner = ReturnType<typeof createPlanner>

/** Makes the plans of a session's epochs. */
export function createPlanner({ options, segmentMs, tracks, measured }: PlannerOptions) {
  /**
   * Longest GOP that segments can follow, ms: a segment ends at the next keyframe, within what HLS allows.
   */
  const maxGopMs = segmentPlanFor(segmentMs).maxSegmentMs

  /**
   * A GOP of unknown length is too long as soon as it exceeds the configured segment length, while there is
   * time to change. One that was a little longer in the last session may have what HLS allows.
   */
  function isGopTooLong(): boolean {
    const { expectedGopMs } = measured()
    const isTrusted = expectedGopMs !== null && expectedGopMs > segmentMs && expectedGopMs <= maxGopMs
    return tracks.longestGopMs > (isTrusted ? maxGopMs - 2 * toleranceMs : segmentMs + toleranceMs)
  }

  return {
    /** Longest GOP to expect, ms; undefined when nothing is known. */
    get expectedGopMs(): number | undefined {
      const { source, expectedGopMs } = measured()
      return source.video?.gopMs ?? expectedGopMs ?? undefined
    },

    /** Returns the plan for the source as it is now. `previous`: the present plan of the session. */
    plan(previous: TranscodePlan | undefined): TranscodePlan {
      const source = tracks.source(measured().source)
      if (previous !== undefined && previous.video.length > 0)
        return planAgain(previous, source, { ...options, followsSource: previous.keyframes === 'source' })
      const planOptions = { ...options, followsSource: (this.expectedGopMs ?? 0) <= maxGopMs }
      return previous ? planAgain(previous, source, planOptions) : planTranscode(source, planOptions)
    },

    /** Returns another plan if the GOP has become too long for segments that follow it. */
    replan(plan: TranscodePlan): { plan: TranscodePlan; start: EpochStart } | undefined {
      const { videoMs, keyframeMs, compositionMs } = tracks
      if (plan.keyframes === 'timed' || plan.video.length === 0 || videoMs === undefined) return undefined
      if (!isGopTooLong()) return undefined
      const source = tracks.source(measured().source)
      const timed = planAgain(plan, source, { ...options, followsSource: false })
      const newestMs = videoMs + compositionMs
      // The latest time that leaves the open segment whole, because the encoder has to decode the whole GOP
      // first.
      const latestMs = (keyframeMs ?? videoMs) + compositionMs + maxGopMs - toleranceMs
      const isSlow = tracks.frameDistanceMs > slowFrameMs
      const fromMs = isSlow ? newestMs : Math.max(newestMs + toleranceMs, latestMs)
      return { plan: timed, start: { fromMs, isAtKeyframe: false } }
    },
  }
}
