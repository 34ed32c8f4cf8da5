import type { Source } from '../../core/media/source.ts'
import { type RenditionPlan, segmentPlanFor } from '../packager/packager.ts'
import { encodeWorkOf, withEncoded } from '../plan/encode-work.ts'
import {
  audioNames,
  encodedVideo,
  isPassedThrough,
  type PlanOptions,
  planAgain,
  planTranscode,
  type TranscodePlan,
} from '../plan/plan.ts'
import type { Allowance } from '../room/room.ts'
import type { SourceTracks } from '../source/source-tracks.ts'

/** Measurements that ingest has published. */
export interface MeasuredSource {
  source: Source
  /** Length of the longest GOP in the channel's last session, ms; null when unknown. */
  expectedGopMs: number | null
}

export interface PlannerOptions {
  options: Pick<PlanOptions, 'ladder' | 'fillsParts'>
  /** Segment length in the settings (NOWCAST_SEGMENT_MS), ms. */
  segmentMs: number
  /** How much of its ladder the session may encode. */
  allowance: Allowance
  tracks: Pick<
    SourceTracks,
    'source' | 'videoMs' | 'keyframeMs' | 'compositionMs' | 'longestGopMs' | 'frameDistanceMs'
  >
  measured(): MeasuredSource
}

/** Margin for lengths of GOPs and times of cuts, ms. Timestamps are whole ms, and a frame may be late. */
const toleranceMs = 50
/**
 * Time between frames, ms, above which a new plan starts with the newest frame: the next frame would come too
 * late.
 */
const slowFrameMs = 500

export type Planner = ReturnType<typeof createPlanner>

/** Creates the planner of a session. It decides what each epoch makes, and when a plan must change. */
export function createPlanner({ options, segmentMs, allowance, tracks, measured }: PlannerOptions) {
  /** Maximum length of a GOP that can be one segment, ms. */
  const maxGopMs = segmentPlanFor(segmentMs).maxSegmentMs

  /**
   * Whether GOPs are too long to be segments. The limit is about `segmentMs`, so that there is still time to
   * change. It is almost `maxGopMs` if the longest GOP of the last session was between the two.
   */
  function isGopTooLong(): boolean {
    const { expectedGopMs } = measured()
    const isTrusted = expectedGopMs !== null && expectedGopMs > segmentMs && expectedGopMs <= maxGopMs
    return tracks.longestGopMs > (isTrusted ? maxGopMs - 2 * toleranceMs : segmentMs + toleranceMs)
  }

  /** Returns the plan with as many encoded renditions as there is room for. */
  function fitted(plan: TranscodePlan): TranscodePlan {
    allowance.want(encodeWorkOf(plan))
    return withEncoded(plan, allowance.count)
  }

  return {
    /** Length of the longest GOP to expect, ms; undefined when nothing is known. */
    get expectedGopMs(): number | undefined {
      const { source, expectedGopMs } = measured()
      return source.video?.gopMs ?? expectedGopMs ?? undefined
    },

    /** Whether there is room for more renditions than a plan encodes, or none for some of them. */
    isAllowedOther: (plan: TranscodePlan): boolean => encodedVideo(plan).length !== allowance.count,
    /** Leaves all room to other sessions until the next plan, because nothing is encoded. */
    pause: () => allowance.want({ renditions: [], minimum: 0 }),
    /** Returns the plan for the source as it is now. `previous`: the present plan; undefined at the start. */
    plan(previous: TranscodePlan | undefined): TranscodePlan {
      const source = tracks.source(measured().source)
      if (previous !== undefined && previous.video.length > 0) {
        const followsSource = previous.keyframes === 'source'
        return fitted(planAgain(previous, source, { ...options, followsSource }))
      }
      const planOptions = { ...options, followsSource: (this.expectedGopMs ?? 0) <= maxGopMs }
      return fitted(previous ? planAgain(previous, source, planOptions) : planTranscode(source, planOptions))
    },

    /**
     * Returns another plan when GOPs have become too long, and the earliest time of its first frame, ms;
     * undefined while the plan suits.
     */
    replan(plan: TranscodePlan): { plan: TranscodePlan; fromMs: number } | undefined {
      const { videoMs, keyframeMs, compositionMs } = tracks
      if (plan.keyframes === 'timed' || plan.video.length === 0 || videoMs === undefined) return undefined
      if (!isGopTooLong()) return undefined
      const source = tracks.source(measured().source)
      const timed = fitted(planAgain(plan, source, { ...options, followsSource: false }))
      const newestMs = videoMs + compositionMs
      // The latest time at which the open segment can still end. The encoder needs this time, because it has
      // to decode the whole GOP first.
      const latestMs = (keyframeMs ?? videoMs) + compositionMs + maxGopMs - toleranceMs
      const isSlow = tracks.frameDistanceMs > slowFrameMs
      const fromMs = isSlow ? newestMs : Math.max(newestMs + toleranceMs, latestMs)
      return { plan: timed, fromMs }
    },
  }
}

/** Returns the renditions of a plan as the packager needs them. */
export const renditionsOf = (plan: TranscodePlan): RenditionPlan[] => [
  ...plan.video.map(({ name }) => ({
    name,
    kind: 'video' as const,
    passthrough: isPassedThrough(plan, name),
  })),
  ...audioNames(plan).map((name) => ({
    name,
    kind: 'audio' as const,
    passthrough: isPassedThrough(plan, name),
  })),
]
