import type { FlvTag } from './tag-parser.ts'

/** A place in the source at which one transcode ends and the next begins. Times are of presentation, ms. */
export type Mark =
  /** The time itself, for a transcode that encodes all video. */
  | { kind: 'time'; ms: number }
  /** The first keyframe at or after a time. */
  | { kind: 'keyframe'; ms: number }

/**
 * Time before a mark at which audio ends, ms: an AAC frame. The next transcode starts where the published
 * audio ends, and that should be where the video ends.
 */
const audioFrameMs = 24
/** Time before a mark from which the next transcode gets audio, ms. What is already published is dropped. */
const audioLeadMs = 100
/** A track without frames for this long after a mark has none before it either, ms. */
const otherTrackMs = 500
/** Without a keyframe, audio that is this much later than a mark reaches it, ms. */
const keyframeTimeoutMs = 3000

/** What is known of a source from the tags that were read. */
export interface SourceView {
  /** Newest timestamp, ms; undefined before the first frame. */
  newestMs: number | undefined
  /** Timestamp of the newest keyframe, ms. */
  keyframeMs: number | undefined
  /** Composition offset of that keyframe, ms. */
  compositionMs: number
  /** Longest GOP, including the open one, ms. */
  longestGopMs: number
  hasAudio: boolean
}

export interface StartFilterOptions {
  /** Where the media begins. What comes before is left out. */
  from: Mark | null
  /** Called once when the mark of `cutAt` is reached. Nothing passes after it. */
  onCut(): void
}

/** Passes the tags of one transcode, from its beginning to its cut, and observes the source. */
export function createStartFilter({ from, onCut }: StartFilterOptions) {
  const view: SourceView = {
    newestMs: undefined,
    keyframeMs: undefined,
    compositionMs: 0,
    longestGopMs: 0,
    hasAudio: false,
  }
  /** Timestamp of the keyframe at which the media began. */
  let begunAtMs: number | undefined
  let cut: Mark | null = null
  let isCut = false
  /** Tracks of which everything before a cut by time has passed. */
  const finished = new Set<FlvTag['kind']>()

  function observe(tag: FlvTag) {
    view.newestMs = Math.max(view.newestMs ?? 0, tag.timestamp)
    if (tag.kind === 'audio') view.hasAudio = true
    if (tag.kind !== 'video') return
    view.keyframeMs ??= tag.timestamp
    view.longestGopMs = Math.max(view.longestGopMs, tag.timestamp - view.keyframeMs)
    if (!tag.isKeyframe) return
    view.keyframeMs = tag.timestamp
    view.compositionMs = tag.compositionMs
  }

  function isReached(mark: Mark, tag: FlvTag): boolean {
    if (mark.kind === 'time') return tag.timestamp + view.compositionMs >= mark.ms
    if (tag.kind === 'audio') return tag.timestamp >= mark.ms + keyframeTimeoutMs
    return tag.isKeyframe && tag.timestamp + tag.compositionMs >= mark.ms
  }

  /** Whether a frame is after `from`. */
  function hasBegun(tag: FlvTag): boolean {
    if (from === null) return true
    // Video before the mark is needed to decode the video after it. The encoder leaves it out.
    if (from.kind === 'time') return tag.kind === 'video' || tag.timestamp >= from.ms - audioLeadMs
    if (begunAtMs === undefined && isReached(from, tag)) begunAtMs = tag.timestamp
    return begunAtMs !== undefined && tag.timestamp >= begunAtMs
  }

  /**
   * Whether a frame is before `mark`. Video and audio each have their last frame: with reordered frames the
   * video reaches the mark first, in decode order, and audio of the same time follows.
   */
  function isBefore(mark: Mark, tag: FlvTag): boolean {
    if (mark.kind === 'keyframe') {
      isCut = isReached(mark, tag)
    } else {
      const isLast = tag.kind === 'audio' ? tag.timestamp >= mark.ms - audioFrameMs : isReached(mark, tag)
      if (isLast) finished.add(tag.kind)
      const isLate = !view.hasAudio || tag.timestamp >= mark.ms + otherTrackMs
      isCut = finished.size === 2 || (finished.size === 1 && isLate)
    }
    if (isCut) onCut()
    return !isCut && !finished.has(tag.kind)
  }

  return {
    view,
    /** Ends the transcode at a mark that is still to come. */
    cutAt(mark: Mark): void {
      cut = mark
    },
    /** Whether a tag belongs to the transcode. */
    passes(tag: FlvTag): boolean {
      if (tag.kind === 'script' || tag.isHeader) return !isCut
      observe(tag)
      if (isCut || (cut !== null && !isBefore(cut, tag))) return false
      return hasBegun(tag)
    },
  }
}
