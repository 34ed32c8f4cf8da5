import type { Source } from '../../core/media/source.ts'
import type { Mark, SourceView } from '../flv/gate.ts'
import { piecesFor } from '../hls/pieces.ts'
import type { Ladder } from '../plan/ladder.ts'
import { planTranscode, type TranscodePlan } from '../plan/plan.ts'

/** A change of plan in the middle of a session, and the place where it takes effect. */
export interface Replan {
  why: 'gop_too_long' | 'sound_appeared'
  plan: TranscodePlan
  at: Mark
}

/** A new ffmpeg needs about so long to be ready; the old one goes on meanwhile, and the change falls on media to come, ms. */
export const handoverMs = 400

/** Longest GOP that segments of this length can follow, ms: a segment ends at the next keyframe, within what HLS allows. */
export const longestGopMs = (segmentMs: number) => piecesFor(segmentMs).maxSegmentMs

/** Timestamps are whole ms and a frame may come late: a GOP of just a segment is none too long, ms. */
const toleranceMs = 50

export interface ReplanInput {
  plan: TranscodePlan
  view: SourceView
  /** As the registry has it now. */
  source: Source
  ladder: Ladder
  segmentMs: number
  /** Longest GOP of the channel's last session, ms. */
  expectedGopMs: number | null
}

/** Whether the plan still fits the source; undefined when it does. */
export function replanFor(input: ReplanInput): Replan | undefined {
  const { plan, view, source, ladder } = input
  const newest = view.newestMs
  if (newest === undefined) return undefined

  if (plan.keyframes === 'source' && plan.video.length > 0 && isGopTooLong(input)) {
    const timed = planTranscode(source, { ladder, followsSource: false })
    // The latest place that leaves the open segment whole: the new ffmpeg has the whole GOP to decode first.
    const latest =
      (view.keyframeMs ?? newest) + view.compositionMs + longestGopMs(input.segmentMs) - toleranceMs
    return {
      why: 'gop_too_long',
      plan: timed,
      at: { kind: 'time', ms: Math.max(newest + toleranceMs, latest) },
    }
  }
  if (plan.audio === 'silent' && view.hasAudio && source.audio !== null) {
    const followsSource = plan.keyframes === 'source'
    const { audio } = planTranscode(source, { ladder, followsSource })
    // What is passed through can only begin at a keyframe.
    const at: Mark = followsSource
      ? { kind: 'keyframe', ms: newest + 1 }
      : { kind: 'time', ms: newest + handoverMs }
    return { why: 'sound_appeared', plan: { ...plan, audio }, at }
  }
  return undefined
}

/**
 * A GOP that nobody knows is given up as soon as it is longer than a segment is meant to be, while there is time to change;
 * one that was short enough the last time gets the time that HLS allows.
 */
function isGopTooLong({ view, segmentMs, expectedGopMs }: ReplanInput): boolean {
  const longest = longestGopMs(segmentMs)
  const isTrusted = expectedGopMs !== null && expectedGopMs > segmentMs && expectedGopMs <= longest
  return view.longestGopMs > (isTrusted ? longest - 2 * toleranceMs : segmentMs + toleranceMs)
}
