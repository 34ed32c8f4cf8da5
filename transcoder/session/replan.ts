import type { Source } from '../../core/media/source.ts'
import type { Mark, SourceView } from '../flv/start-filter.ts'
import { segmentPlanFor } from '../packager/packager.ts'
import type { Ladder } from '../plan/ladder.ts'
import { planTranscode, type TranscodePlan } from '../plan/plan.ts'

/** A change of plan in the middle of a session, and the mark at which it takes effect. */
export interface Replan {
  why: 'gop_too_long' | 'sound_appeared'
  plan: TranscodePlan
  at: Mark
}

/**
 * Time that a new ffmpeg needs until it is ready, ms. The old one continues, and the change takes effect
 * after it.
 */
const handoverMs = 400

/**
 * Returns the longest GOP that segments of a length can follow, ms: a segment ends at the next keyframe,
 * within what HLS allows.
 */
export const maxGopMs = (segmentMs: number) => segmentPlanFor(segmentMs).maxSegmentMs

/** Tolerance for a GOP of exactly one segment, ms: timestamps are whole ms, and a frame may be late. */
const toleranceMs = 50

export interface ReplanInput {
  plan: TranscodePlan
  view: SourceView
  /** The source as it is in the registry now. */
  source: Source
  ladder: Ladder
  /** Configured segment length, ms. */
  segmentMs: number
  /** Longest GOP of the channel's last session, ms. */
  expectedGopMs: number | null
}

/** Returns another plan if the present one no longer fits the source. */
export function replanFor(input: ReplanInput): Replan | undefined {
  const { plan, view, source, ladder } = input
  const newest = view.newestMs
  if (newest === undefined) return undefined

  if (plan.keyframes === 'source' && plan.video.length > 0 && isGopTooLong(input)) {
    const timed = planTranscode(source, { ladder, followsSource: false })
    // The latest time that leaves the open segment whole, because the new ffmpeg has to decode the whole GOP
    // first.
    const latest = (view.keyframeMs ?? newest) + view.compositionMs + maxGopMs(input.segmentMs) - toleranceMs
    return {
      why: 'gop_too_long',
      plan: timed,
      at: { kind: 'time', ms: Math.max(newest + toleranceMs, latest) },
    }
  }
  if (plan.audio === 'silent' && view.hasAudio && source.audio !== null) {
    const followsSource = plan.keyframes === 'source'
    const { audio } = planTranscode(source, { ladder, followsSource })
    // Media that is passed through can only begin at a keyframe.
    const at: Mark = followsSource
      ? { kind: 'keyframe', ms: newest + 1 }
      : { kind: 'time', ms: newest + handoverMs }
    return { why: 'sound_appeared', plan: { ...plan, audio }, at }
  }
  return undefined
}

/**
 * A GOP of unknown length is too long as soon as it exceeds the configured segment length, while there is
 * time to change. One that was a little longer in the last session may have what HLS allows.
 */
function isGopTooLong({ view, segmentMs, expectedGopMs }: ReplanInput): boolean {
  const maxMs = maxGopMs(segmentMs)
  const isTrusted = expectedGopMs !== null && expectedGopMs > segmentMs && expectedGopMs <= maxMs
  return view.longestGopMs > (isTrusted ? maxMs - 2 * toleranceMs : segmentMs + toleranceMs)
}
