import type { FlvTag } from './tag-reader.ts'

/** A place in the source where one transcode ends and the next begins; all times are of presentation, ms. */
export type Mark =
  /** The time itself: for a transcode that encodes every picture. */
  | { kind: 'time'; ms: number }
  /** The first keyframe at or after a time. */
  | { kind: 'keyframe'; ms: number }

/**
 * Sound ends so much before a mark, ms, a frame of AAC: what follows starts where the former media ends, and that shall be
 * where the picture ends.
 */
const audioFrameMs = 24
/** The following transcode gets sound from so much before the mark, ms; what is out already is not published again. */
const audioLeadMs = 100
/** A track that has nothing for so long after a mark has nothing before it either, ms. */
const otherTrackMs = 500
/** Without any keyframe a mark is reached by sound that is so much later, ms. */
const keyframeTimeoutMs = 3000

/** What is known of a source from the tags that passed. */
export interface SourceView {
  /** Newest timestamp, ms; undefined before the first frame. */
  newestMs: number | undefined
  /** Newest keyframe's timestamp, ms. */
  keyframeMs: number | undefined
  /** From decoding to presentation of that keyframe, ms. */
  compositionMs: number
  /** Longest distance of keyframes so far, the one that is still open included, ms. */
  longestGopMs: number
  hasAudio: boolean
}

export interface GateOptions {
  /** Where the media begins; what comes before is left out. */
  from: Mark | null
  /** Called once, when the place of `cutAt` is reached; nothing passes from there on. */
  onCut(): void
}

/** Decides tag by tag what goes into a transcode, and watches the source on the way. */
export function createGate({ from, onCut }: GateOptions) {
  const view: SourceView = {
    newestMs: undefined,
    keyframeMs: undefined,
    compositionMs: 0,
    longestGopMs: 0,
    hasAudio: false,
  }
  let isOpen = from === null
  let openedAt = 0
  let cut: Mark | null = null
  let isCut = false
  /** Tracks of which all before a cut by time has passed. */
  const through = new Set<FlvTag['kind']>()

  function watch(tag: FlvTag) {
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

  /** Whether a frame belongs to what comes after `from`. */
  function hasBegun(tag: FlvTag): boolean {
    if (from === null) return true
    // Pictures before the mark are needed to decode those after it; the encoder leaves them out.
    if (from.kind === 'time') return tag.kind === 'video' || tag.timestamp >= from.ms - audioLeadMs
    if (!isOpen && isReached(from, tag)) {
      isOpen = true
      openedAt = tag.timestamp
    }
    return isOpen && tag.timestamp >= openedAt
  }

  /**
   * Whether a frame belongs to what comes before `mark`. Picture and sound each have their last frame: with reordered
   * frames the picture gets there first, in decoding order, and the sound of the same time is still to come.
   */
  function isBefore(mark: Mark, tag: FlvTag): boolean {
    if (mark.kind === 'keyframe') {
      isCut = isReached(mark, tag)
    } else {
      const isLast = tag.kind === 'audio' ? tag.timestamp >= mark.ms - audioFrameMs : isReached(mark, tag)
      if (isLast) through.add(tag.kind)
      const isLate = !view.hasAudio || tag.timestamp >= mark.ms + otherTrackMs
      isCut = through.size === 2 || (through.size === 1 && isLate)
    }
    if (isCut) onCut()
    return !isCut && !through.has(tag.kind)
  }

  return {
    view,
    /** Ends the transcode at a place that is still to come. */
    cutAt(mark: Mark): void {
      cut = mark
    },
    passes(tag: FlvTag): boolean {
      if (tag.kind === 'script' || tag.isHeader) return !isCut
      watch(tag)
      if (isCut || (cut !== null && !isBefore(cut, tag))) return false
      return hasBegun(tag)
    },
  }
}
