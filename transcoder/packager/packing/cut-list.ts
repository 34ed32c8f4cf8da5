import { PackingError } from './packing-error.ts'

/** A time at which a part or segment ends and the next begins, the same in all renditions. */
export interface Cut {
  kind: 'part' | 'segment'
  /** Time of the first frame after it, ms. */
  timeMs: number
  /** Media sequence number of the segment that begins or continues here. */
  msn: number
  /** End of the frame before it, ms. */
  afterMs: number
  /** Whether timestamps jumped here: there is no media from `afterMs` to `timeMs`. */
  isJump: boolean
  /** Whether video has a keyframe here. */
  isAtKeyframe: boolean
  /**
   * Decode time of the first frame after it in the leading video, ticks of video; known when that is there.
   */
  decodeTicks?: number
}

/**
 * Difference below which two times are the same, ms. Timestamps are whole ms, and decode times of reordered
 * frames are off by one.
 */
export const sameTimeMs = 2

/** Maximum number of cuts that are kept for late renditions. */
const maxCuts = 1024

/** The cuts of one epoch, in order of time. `firstMsn` is called for the first one. */
export function createCutList(firstMsn: () => number) {
  const cuts: Cut[] = []
  let forgotten = 0

  return {
    get lastMsn() {
      return cuts.at(-1)?.msn
    },

    add(cut: Omit<Cut, 'msn' | 'decodeTicks'>): void {
      const previous = cuts.at(-1)?.msn
      const msn = previous === undefined ? firstMsn() : previous + (cut.kind === 'segment' ? 1 : 0)
      cuts.push({ ...cut, msn })
      if (cuts.length > maxCuts) forgotten += cuts.splice(0, maxCuts / 2).length
    },

    /** Returns a reader of all cuts from the first. */
    follow() {
      let index = 0
      const peek = (): Cut | undefined => {
        if (index < forgotten) throw new PackingError('a rendition is too far behind the others')
        return cuts[index - forgotten]
      }
      return {
        /** Returns the next cut; undefined when none is known. */
        peek,
        /** Returns the next cut at or before `timeMs` and moves past it; undefined when there is none. */
        take(timeMs: number, kind?: Cut['kind']): Cut | undefined {
          const next = peek()
          if (!next || next.timeMs > timeMs + sameTimeMs || (kind && next.kind !== kind)) return undefined
          index++
          return next
        },
        /** Returns the time of the next cut that begins a segment, ms. */
        nextSegmentMs: (): number | undefined =>
          cuts.slice(Math.max(0, index - forgotten)).find((cut) => cut.kind === 'segment')?.timeMs,
      }
    },
  }
}
