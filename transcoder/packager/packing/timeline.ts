import { type Cut, createCutList, sameTimeMs } from './cut-list.ts'
import { createGopHistory } from './gop-history.ts'
import { jitterMs, minFill, type SegmentPlan } from './segment-plan.ts'

/** A frame with the start and end of its presentation, ms. */
export interface TimedFrame {
  startMs: number
  endMs: number
  isSync: boolean
}

export interface TimelineOptions extends SegmentPlan {
  partTargetMs: number
  /** Usual length of a frame of the leader, ms. */
  frameMs: number
  /** Length of the longest GOP to expect, ms; 0 when unknown. */
  gopMs: number
  /** Returns the media sequence number of the first segment. Called when that segment begins. */
  firstMsn: () => number
}

/** Cursor over the cuts of a timeline. Each rendition has its own. */
export interface TimelineFollower {
  /** Returns the next cut, without moving past it; undefined while none is known. */
  peek(): Cut | undefined
  /**
   * Moves past the next cut and returns it if it is at or before `timeMs`, with a tolerance of `sameTimeMs`,
   * and of the `kind`, if one is specified; otherwise returns undefined.
   */
  take(timeMs: number, kind?: Cut['kind']): Cut | undefined
  /**
   * Whether the next segment begins, or may begin, at or before `timeMs`. While its cut is unknown, the
   * result is a prediction. A part after that time must not be announced, because it may never come.
   */
  endsSegmentAt(timeMs: number): boolean
}

/**
 * Decides where the segments and parts of one epoch begin, from the frames of the leader. All renditions
 * follow these cuts.
 */
export class Timeline {
  readonly #options: TimelineOptions
  readonly #cuts: ReturnType<typeof createCutList>
  readonly #gops: ReturnType<typeof createGopHistory>
  #startMs: number | undefined
  #segmentStartMs = 0
  #partStartMs = 0
  #progressMs = Number.NEGATIVE_INFINITY

  constructor(options: TimelineOptions) {
    this.#options = options
    this.#cuts = createCutList(options.firstMsn)
    this.#gops = createGopHistory({ gopMs: options.gopMs, maxGopMs: options.segmentMs })
  }

  /** Time of the first frame, ms; undefined before it. */
  get startMs() {
    return this.#startMs
  }

  /** Media sequence number of the newest segment; undefined before the first segment. */
  get lastMsn() {
    return this.#cuts.lastMsn
  }

  /**
   * Time from which any keyframe may begin the next segment, ms. A jump, or a keyframe of GOPs that do not
   * fit the segment length, can begin it earlier.
   */
  get nextSegmentFromMs() {
    const { segmentMs, frameMs } = this.#options
    return this.#segmentStartMs + segmentMs - frameMs
  }

  /** Latest time at which the next segment can begin, ms, unless timestamps jump. */
  get nextSegmentUntilMs() {
    return this.#segmentStartMs + this.#options.maxSegmentMs
  }

  /** Latest time at which the present part can end, ms. */
  get partEndMs() {
    return this.#partStartMs + this.#options.partTargetMs
  }

  /** Time up to which all cuts are known, ms; -Infinity before the first frame. */
  get progressMs() {
    return this.#progressMs
  }

  /**
   * Adds the next frame. A frame that starts more than `sameTimeMs` before the end of the newest one has no
   * effect.
   */
  observe(frame: TimedFrame): void {
    if (this.#startMs === undefined) {
      this.#startMs = frame.startMs
      this.#gops.begin(frame.startMs)
      this.#cut('segment', frame.startMs, { isAtKeyframe: frame.isSync })
    } else if (frame.startMs < this.#progressMs - sameTimeMs) {
      return
    } else {
      this.#decide(frame)
    }
    this.#progressMs = frame.endMs
    this.#cutParts(frame.endMs)
  }

  /**
   * Ends the part when one more frame would make it too long, without waiting for that frame. If the part is
   * still too short (RFC 8216bis 4.4.4.9 demands 85 % of the part target), it ends inside the next frame
   * instead, exactly at the part target.
   */
  #cutParts(endMs: number) {
    const { frameMs, partTargetMs } = this.#options
    for (;;) {
      const lengthMs = endMs - this.#partStartMs
      if (lengthMs + frameMs - jitterMs <= partTargetMs) return
      const isTooLong = lengthMs > partTargetMs + jitterMs
      if (!isTooLong && lengthMs < minFill * partTargetMs - jitterMs) return
      this.#cut('part', Math.min(endMs, this.#partStartMs + partTargetMs))
      // A frame that is longer than a part continues in the next parts.
      if (!isTooLong) return
    }
  }

  /** Returns a cursor over all cuts, beginning with the first. */
  follow(): TimelineFollower {
    const { peek, take, nextSegmentMs } = this.#cuts.follow()
    return {
      peek,
      take,
      endsSegmentAt: (timeMs) => {
        const boundaryMs = nextSegmentMs() ?? this.#earliestSegmentMs()
        return timeMs >= boundaryMs - sameTimeMs
      },
    }
  }

  #cut(kind: Cut['kind'], timeMs: number, { isJump = false, isAtKeyframe = false } = {}) {
    const afterMs = Math.min(timeMs, this.#startMs === timeMs ? timeMs : this.#progressMs)
    this.#cuts.add({ kind, timeMs, afterMs, isJump, isAtKeyframe })
    if (kind === 'segment') this.#segmentStartMs = timeMs
    this.#partStartMs = timeMs
  }

  #decide(frame: TimedFrame) {
    const { maxSegmentMs, partTargetMs } = this.#options
    const isJump = frame.startMs > this.#progressMs + maxSegmentMs
    if (frame.isSync) this.#gops.recordKeyframe(frame.startMs)
    // A segment should begin at a keyframe, so that it can be decoded alone (RFC 8216bis 6.2.1).
    const isAtKeyframe = frame.isSync && this.#shouldBeginSegment(frame.startMs)
    const isForced = frame.endMs - this.#segmentStartMs > maxSegmentMs
    // While frames of video are missing, audio continues. So the segment ends where the video ended.
    const isHole = !isJump && frame.startMs - this.#segmentStartMs > maxSegmentMs
    if (isAtKeyframe || isForced || isJump)
      this.#cut('segment', isHole ? this.#progressMs : frame.startMs, { isJump, isAtKeyframe: frame.isSync })
    else if (frame.startMs > this.#partStartMs && frame.endMs - this.#partStartMs > partTargetMs + jitterMs)
      this.#cutBefore(frame.startMs)
  }

  /**
   * Ends the part before a frame that comes later than expected, if the part is then neither too short nor
   * too long.
   */
  #cutBefore(startMs: number) {
    const { partTargetMs } = this.#options
    const lengthMs = startMs - this.#partStartMs
    if (lengthMs >= minFill * partTargetMs - jitterMs && lengthMs <= partTargetMs + jitterMs)
      this.#cut('part', startMs)
  }

  /**
   * Whether a segment should begin at this keyframe: the present segment is long enough, or would become too
   * long before the next keyframe.
   */
  #shouldBeginSegment(timeMs: number): boolean {
    const { segmentMs, maxSegmentMs, frameMs } = this.#options
    const lengthMs = timeMs - this.#segmentStartMs
    return lengthMs >= segmentMs - frameMs / 2 || lengthMs + this.#gops.longestMs() > maxSegmentMs
  }

  /**
   * Returns the earliest time at which the next segment is expected to begin, ms: at a keyframe, or where the
   * present one must end. Without a known GOP, or when a keyframe is overdue, any keyframe may begin it that
   * makes the present one long enough.
   */
  #earliestSegmentMs(): number {
    const { segmentMs, maxSegmentMs, frameMs } = this.#options
    const gopMs = this.#gops.longestMs()
    const nextMs = this.#gops.keyframeMs + gopMs
    const isOverdue = nextMs < this.#progressMs - frameMs / 2
    const forcedMs = this.#segmentStartMs + maxSegmentMs - frameMs
    if (gopMs === 0 || isOverdue)
      return this.#segmentStartMs + Math.min(segmentMs - frameMs, maxSegmentMs / 2)
    return this.#shouldBeginSegment(nextMs) ? Math.min(nextMs, forcedMs) : forcedMs
  }
}
