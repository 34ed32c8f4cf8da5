import { PackingError } from './packing-error.ts'

/** A time at which a part or segment ends and the next one begins, equal in all renditions. */
export interface Cut {
  kind: 'part' | 'segment'
  /** Time at which the next part or segment begins, ms. */
  timeMs: number
  /** Media sequence number of the segment that begins or continues at the cut. */
  msn: number
  /** Time at which the media before the cut ends, ms. */
  afterMs: number
  /** Whether timestamps jumped at the cut: there is no media between `afterMs` and `timeMs`. */
  isJump: boolean
  /** Whether the next frame is a keyframe; always false at the cut of a part. */
  isAtKeyframe: boolean
  /**
   * Decode time of the first frame after the cut, in ticks of video. The first video rendition that reaches
   * the cut sets it.
   */
  decodeTicks?: number
}

/**
 * Maximum difference of two times that count as equal, ms. Timestamps are whole ms, and decode times of
 * reordered frames are rounded twice.
 */
export const sameTimeMs = 2

/** Maximum number of cuts that are kept for renditions that are late. */
const maxCuts = 1024

/**
 * Creates the list of the cuts of one epoch, in order of time. `firstMsn` returns the media sequence number
 * of the first segment. It is called once, for the first cut.
 */
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

    /**
     * Returns a cursor over all cuts, beginning with the first. `peek` and `take` throw a PackingError once
     * the cut that is next for the cursor has been dropped from the list.
     */
    follow() {
      let index = 0
      const peek = (): Cut | undefined => {
        if (index < forgotten) throw new PackingError('a rendition is too far behind the others')
        return cuts[index - forgotten]
      }
      return {
        /** Returns the next cut, without moving past it; undefined while none is known. */
        peek,
        /**
         * Moves past the next cut and returns it if it is at or before `timeMs`, with a tolerance of
         * `sameTimeMs`, and of the `kind`, if one is specified; otherwise returns undefined.
         */
        take(timeMs: number, kind?: Cut['kind']): Cut | undefined {
          const next = peek()
          if (!next || next.timeMs > timeMs + sameTimeMs || (kind && next.kind !== kind)) return undefined
          index++
          return next
        },
        /** Returns the time of the next segment cut, ms; undefined while none is known. */
        nextSegmentMs: (): number | undefined =>
          cuts.slice(Math.max(0, index - forgotten)).find((cut) => cut.kind === 'segment')?.timeMs,
      }
    },
  }
}
