import type { FlvTag } from './tag-reader.ts'

/** A place in the source where one transcode ends and the next begins. */
export type Mark =
  /** The timestamp itself, ms: for a transcode that encodes everything. */
  | { kind: 'time'; ms: number }
  /** The first keyframe at or after a timestamp, ms. */
  | { kind: 'keyframe'; ms: number }

/** What is known of a source from the tags that passed. */
export interface SourceView {
  /** Newest timestamp, ms; undefined before the first frame. */
  newestMs: number | undefined
  /** Newest keyframe's timestamp, ms. */
  keyframeMs: number | undefined
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
  const view: SourceView = { newestMs: undefined, keyframeMs: undefined, longestGopMs: 0, hasAudio: false }
  let isOpen = from === null
  let openedAt = from?.kind === 'time' ? from.ms : 0
  let cut: Mark | null = null
  let isCut = false

  function watch(tag: FlvTag) {
    view.newestMs = Math.max(view.newestMs ?? 0, tag.timestamp)
    if (tag.kind === 'audio') view.hasAudio = true
    if (tag.kind !== 'video') return
    view.keyframeMs ??= tag.timestamp
    view.longestGopMs = Math.max(view.longestGopMs, tag.timestamp - view.keyframeMs)
    if (tag.isKeyframe) view.keyframeMs = tag.timestamp
  }

  const isReached = (mark: Mark, tag: FlvTag) =>
    tag.timestamp >= mark.ms && (mark.kind === 'time' || tag.isKeyframe)

  /** Whether a frame belongs to what comes after `from`. */
  function hasBegun(tag: FlvTag): boolean {
    if (from === null) return true
    // Pictures before the mark are needed to decode those after it; the encoder leaves them out.
    if (from.kind === 'time') return tag.kind === 'video' || tag.timestamp >= from.ms
    if (!isOpen && tag.kind === 'video' && isReached(from, tag)) {
      isOpen = true
      openedAt = tag.timestamp
    }
    return isOpen && tag.timestamp >= openedAt
  }

  return {
    view,
    /** Ends the transcode at a place that is still to come. */
    cutAt(mark: Mark): void {
      cut = mark
    },
    passes(tag: FlvTag): boolean {
      if (tag.kind === 'script') return !isCut
      if (tag.isHeader) return !isCut
      watch(tag)
      if (!isCut && cut !== null && isReached(cut, tag)) {
        isCut = true
        onCut()
      }
      return !isCut && hasBegun(tag)
    },
  }
}
