import { type Cut, createCutList, sameTimeMs } from './cut-list.ts'
import { createGopHistory } from './gop-history.ts'
import { jitterMs, minFill, type SegmentPlan } from './segment-plan.ts'

/** Times of a frame, ms. */
export interface TimedFrame {
  startMs: number
  endMs: number
  isSync: boolean
}

export interface TimelineOptions extends SegmentPlan {
  partTargetMs: number
  /** Usual duration of a frame, ms. */
  frameMs: number
  /** Longest GOP to expect, ms; 0 when unknown. */
  gopMs: number
  /** Returns the media sequence number of the first segment, when that begins. */
  firstMsn: () => number
}

/** Reads the cuts of a timeline in order. Each rendition has one. */
export interface TimelineFollower {
  /** Returns the next cut; undefined when none is known. */
  peek(): Cut | undefined
  /** Returns the next cut at or before `timeMs` and moves past it; undefined when there is none. */
  take(timeMs: number, kind?: Cut['kind']): Cut | undefined
  /** Whether a segment begins at `timeMs` or before. While its cut is unknown, this is a prediction. */
  endsSegmentAt(timeMs: number): boolean
}

/**
 * Decides where the segments and parts of one epoch begin, starting with the first frame observed. Frames of
 * the source are observed; all renditions follow the same cuts.
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

  /** Media sequence number of the newest segment; undefined before the first. */
  get lastMsn() {
    return this.#cuts.lastMsn
  }

  /** Earliest time at which the next segment can begin, ms, as far as that can be known. */
  get nextSegmentFromMs() {
    const { segmentMs, frameMs } = this.#options
    return this.#segmentStartMs + segmentMs - frameMs
  }

  /** Latest time at which the next segment can begin, ms. */
  get nextSegmentUntilMs() {
    return this.#segmentStartMs + this.#options.maxSegmentMs
  }

  /** Where the present part ends at the latest, ms. */
  get partEndMs() {
    return this.#partStartMs + this.#options.partTargetMs
  }

  /** All cuts before this time are known, ms. */
  get progressMs() {
    return this.#progressMs
  }

  /** Records the next frame. One that begins before the end of the newest has no effect. */
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
   * Cuts the part when one more frame would make it too long, without waiting for that frame. A part that
   * would be too short then ends inside its last frame, exactly at the part target: RFC 8216bis 4.4.4.9
   * demands 85 % of it, and the part target never changes.
   */
  #cutParts(endMs: number) {
    const { frameMs, partTargetMs } = this.#options
    for (;;) {
      const lengthMs = endMs - this.#partStartMs
      if (lengthMs + frameMs - jitterMs <= partTargetMs) return
      const isTooLong = lengthMs > partTargetMs + jitterMs
      if (!isTooLong && lengthMs < minFill * partTargetMs - jitterMs) return
      this.#cut('part', isTooLong ? this.#partStartMs + partTargetMs : endMs)
      // A frame that lasts for several parts is repeated in each.
      if (!isTooLong) return
    }
  }

  /** Returns a reader of all cuts from the first. */
  follow(): TimelineFollower {
    const { peek, take, nextSegmentMs } = this.#cuts.follow()
    return {
      peek,
      take,
      endsSegmentAt: (timeMs) => {
        const boundaryMs = nextSegmentMs() ?? this.#expectedSegmentMs()
        return boundaryMs !== undefined && timeMs >= boundaryMs - sameTimeMs
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
    // RFC 8216bis 6.2.1: "The server SHOULD attempt to divide the source media at points that support
    // effective decode of individual Media Segments, such as on packet and key frame boundaries."
    const isAtKeyframe = frame.isSync && this.#shouldBeginSegment(frame.startMs)
    const isForced = frame.endMs - this.#segmentStartMs > maxSegmentMs
    // Where frames are missing, sound is not. Its segment ends in time as well.
    const isHole = !isJump && frame.startMs - this.#segmentStartMs > maxSegmentMs
    if (isAtKeyframe || isForced || isJump)
      this.#cut('segment', isHole ? this.#progressMs : frame.startMs, { isJump, isAtKeyframe: frame.isSync })
    else if (frame.startMs > this.#partStartMs && frame.endMs - this.#partStartMs > partTargetMs + jitterMs)
      this.#cutBefore(frame.startMs)
  }

  /** Ends the part before a frame that comes later than expected, if that leaves it long enough. */
  #cutBefore(startMs: number) {
    const { partTargetMs } = this.#options
    const lengthMs = startMs - this.#partStartMs
    if (lengthMs >= minFill * partTargetMs - jitterMs && lengthMs <= partTargetMs + jitterMs)
      this.#cut('part', startMs)
  }

  /**
   * Whether a keyframe at `timeMs` should begin a segment: the current one is long enough, or would be too
   * long if it waited for the next keyframe.
   */
  #shouldBeginSegment(timeMs: number): boolean {
    const { segmentMs, maxSegmentMs, frameMs } = this.#options
    const lengthMs = timeMs - this.#segmentStartMs
    return lengthMs >= segmentMs - frameMs / 2 || lengthMs + this.#gops.longestMs() > maxSegmentMs
  }

  /**
   * Returns where the segment after the last known cut will probably begin: at the next keyframe, if
   * keyframes continue to come as they did.
   */
  #expectedSegmentMs(): number | undefined {
    const gopMs = this.#gops.longestMs()
    const nextMs = this.#gops.keyframeMs + gopMs
    const isOverdue = nextMs < this.#progressMs - this.#options.frameMs / 2
    return gopMs > 0 && !isOverdue && this.#shouldBeginSegment(nextMs) ? nextMs : undefined
  }
}
