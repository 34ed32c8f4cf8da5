import type { Presentation } from '../packager/packager.ts'

/** Lag behind the source up to which a successor has caught up, ms. */
const caughtUpMs = 1000
/** Time after which a successor that can be played takes the session, although it has not caught up, ms. */
const maxCatchUpMs = 3000

/**
 * Follows a presentation whose session another transcoder continues until this one has caught up.
 * `isSuccessor`: whether there is such a transcoder; otherwise the catch-up is over from the start.
 */
export function createCatchUp(
  presentation: Pick<Presentation, 'playable' | 'isPlayable'>,
  isSuccessor: boolean,
) {
  let isOver = !isSuccessor
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
