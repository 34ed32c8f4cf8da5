import type { Presentation } from '../packager/packager.ts'

/**
 * Lag behind the source up to which a successor has caught up, ms: that of its predecessor and `moreMs`,
 * within bounds. Viewers have about a second of media, and what the successor is later is missing there.
 */
const moreMs = 100
const [minCaughtUpMs, maxCaughtUpMs] = [400, 1000]
/** Time after which a successor that can be played takes the session, although it has not caught up, ms. */
const maxCatchUpMs = 5000

/**
 * Follows a presentation whose session another transcoder continues until this one has caught up.
 * `formerBehindMs`: lag of that one behind the source, ms. Undefined: there is none, and the catch-up is over
 * from the start.
 */
export function createCatchUp(
  presentation: Pick<Presentation, 'playable' | 'isPlayable'>,
  formerBehindMs: number | undefined,
) {
  const caughtUpMs = Math.min(maxCaughtUpMs, Math.max(minCaughtUpMs, (formerBehindMs ?? 0) + moreMs))
  let isOver = formerBehindMs === undefined
  let playableSince = Number.POSITIVE_INFINITY
  void presentation.playable.then(() => {
    playableSince = performance.now()
  })

  return {
    get isOver() {
      return isOver
    },
    /** Whether the catch-up ends with this lag behind the source, ms. */
    endsWith(behindMs: number): boolean {
      if (isOver || !presentation.isPlayable) return false
      isOver = behindMs <= caughtUpMs || performance.now() - playableSince >= maxCatchUpMs
      return isOver
    },
  }
}
