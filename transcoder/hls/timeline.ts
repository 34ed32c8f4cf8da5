import { MediaError } from './mp4/media-error.ts'
import type { Pieces } from './pieces.ts'

/** A place where a piece of media ends and the next begins, the same in all renditions. */
export interface Cut {
  kind: 'part' | 'segment'
  /** Time of the first frame after it, ms. */
  timeMs: number
  /** Media sequence number of the segment that holds the time after the cut. */
  msn: number
  /** Timestamps jumped here. */
  isJump: boolean
}

/** A frame as the timeline sees it, ms. */
export interface TimedFrame {
  startMs: number
  endMs: number
  isSync: boolean
}

export interface TimelineOptions extends Pieces {
  partTargetMs: number
  /** Usual duration of a frame, ms. */
  frameMs: number
  /** Longest GOP expected, ms; 0 when unknown. */
  gopMs: number
  firstMsn: number
}

export type Timeline = ReturnType<typeof createTimeline>

/** Times this near are the same: sources give whole ms, and decode times of reordered frames are off by one. */
export const sameTimeMs = 2

/** Timestamps of whole ms make a frame, or a row of frames, up to 1 ms shorter or longer than its rate says. */
export const jitterMs = 1

/** The longest of so many last GOPs tells when the next keyframe may come. */
const rememberedGops = 8

/** Cuts that a late rendition can still follow. */
const rememberedCuts = 1024

/**
 * Decides where segments and parts of one epoch begin. Whichever rendition is first to reach a frame decides by it; the others follow
 * through `follow`. Begins at the first frame observed.
 */
export function createTimeline(options: TimelineOptions) {
  const { segmentMs, maxSegmentMs, partTargetMs, frameMs, firstMsn } = options
  const cuts: Cut[] = []
  const gops: number[] = options.gopMs > 0 ? [options.gopMs] : []
  let forgotten = 0
  let startMs: number | undefined
  let segmentStart = 0
  let partStart = 0
  let keyframe = 0
  let progress = Number.NEGATIVE_INFINITY

  function cut(kind: Cut['kind'], timeMs: number, isJump = false) {
    const before = cuts.at(-1)?.msn
    const msn = before === undefined ? firstMsn : before + (kind === 'segment' ? 1 : 0)
    cuts.push({ kind, timeMs, msn, isJump })
    if (cuts.length > rememberedCuts) forgotten += cuts.splice(0, rememberedCuts / 2).length
    if (kind === 'segment') segmentStart = timeMs
    partStart = timeMs
  }

  /** GOPs longer than a segment cannot be waited for anyway. */
  const longestGop = () => Math.min(segmentMs, Math.max(0, ...gops))

  /** Whether a keyframe at `timeMs` should begin a segment: the last one that can before the segment is too long, or long enough. */
  function wantsSegmentAt(timeMs: number): boolean {
    const lengthMs = timeMs - segmentStart
    return lengthMs >= segmentMs - frameMs / 2 || lengthMs + longestGop() > maxSegmentMs
  }

  function noteKeyframe(timeMs: number) {
    gops.push(timeMs - keyframe)
    if (gops.length > rememberedGops) gops.shift()
    keyframe = timeMs
  }

  function decide(frame: TimedFrame) {
    const isJump = frame.startMs > progress + maxSegmentMs
    if (frame.isSync) noteKeyframe(frame.startMs)
    // RFC 8216bis 6.2.1: "The server SHOULD attempt to divide the source media at points that support effective decode of individual
    // Media Segments, such as on packet and key frame boundaries."
    const isWanted = frame.isSync && wantsSegmentAt(frame.startMs)
    const isForced = frame.endMs - segmentStart > maxSegmentMs
    if (isWanted || isForced || isJump) cut('segment', frame.startMs, isJump)
    else if (frame.startMs > partStart && frame.endMs - partStart > partTargetMs + jitterMs)
      cut('part', frame.startMs)
  }

  /** Where the segment after the last known cut will probably begin: at the next keyframe, if they keep coming as they did. */
  function expectedSegmentMs(): number | undefined {
    const gop = longestGop()
    const next = keyframe + gop
    return gop > 0 && next >= progress - frameMs / 2 && wantsSegmentAt(next) ? next : undefined
  }

  return {
    /** Time of the first frame, ms; undefined before it. */
    get startMs() {
      return startMs
    },

    /** All cuts before this time are known, ms. */
    get progressMs() {
      return progress
    },

    /** Looks at a frame of any leading rendition; frames that another was faster to show change nothing. */
    observe(frame: TimedFrame): void {
      if (startMs === undefined) {
        startMs = frame.startMs
        keyframe = frame.startMs
        cut('segment', frame.startMs)
      } else if (frame.startMs < progress - sameTimeMs) {
        return
      } else {
        decide(frame)
      }
      progress = frame.endMs
      // The part is whole when one more frame would be too much: nobody waits for that frame to come.
      if (frame.endMs - partStart + frameMs - jitterMs > partTargetMs) cut('part', frame.endMs)
    },

    /** A reader of all cuts from the first; each rendition has its own. */
    follow() {
      let index = 0
      const peek = (): Cut | undefined => {
        if (index < forgotten) throw new MediaError('a rendition is too far behind the others')
        return cuts[index - forgotten]
      }
      return {
        /** The next cut at or before `timeMs`, which is then done; undefined when there is none. */
        take(timeMs: number, kind?: Cut['kind']): Cut | undefined {
          const next = peek()
          if (!next || next.timeMs > timeMs + sameTimeMs || (kind && next.kind !== kind)) return undefined
          index++
          return next
        },

        /** Whether a segment begins at `timeMs` or did before: known from the next cut, else expected. */
        endsSegmentAt(timeMs: number): boolean {
          const next = cuts.slice(Math.max(0, index - forgotten)).find((cut) => cut.kind === 'segment')
          const boundaryMs = next?.timeMs ?? expectedSegmentMs()
          return boundaryMs !== undefined && timeMs >= boundaryMs - sameTimeMs
        },
      }
    },
  }
}
