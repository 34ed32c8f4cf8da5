import type { PlaybackEvent } from './playback.ts'

/** The picture has stood still for so long, ms: say so. */
const stalledAfterMs = 1000
/** And for so long: playback must be built anew. */
const lostAfterMs = 10_000
const lookEveryMs = 250

/** Tells from the element itself whether the picture moves, whatever plays it. */
export function watchProgress(video: HTMLVideoElement, onEvent: (event: PlaybackEvent) => void) {
  let hasPlayed = false
  let stalled = false
  let lost = false
  let position = video.currentTime
  let movedAt = performance.now()

  function onMoved() {
    movedAt = performance.now()
    if (hasPlayed && !stalled) return
    hasPlayed = true
    stalled = false
    onEvent({ type: 'playing' })
  }

  function look() {
    const moved = hasPlayed && video.currentTime !== position
    position = video.currentTime
    // A viewer's pause is no stall; a browser that does not draw a hidden page is none either.
    if (moved || (hasPlayed && video.paused) || document.hidden) return onMovedOrResting(moved)
    const still = performance.now() - movedAt
    if (still > lostAfterMs && !lost) {
      lost = true
      onEvent({ type: 'lost', reason: hasPlayed ? 'no progress' : 'no first frame' })
    } else if (still > stalledAfterMs && hasPlayed && !stalled) {
      stalled = true
      onEvent({ type: 'stalled' })
    }
  }

  function onMovedOrResting(moved: boolean) {
    if (moved) onMoved()
    else movedAt = performance.now()
  }

  const onEnded = () => onEvent({ type: 'ended' })
  const timer = setInterval(look, lookEveryMs)
  const frame = video.requestVideoFrameCallback?.(onMoved)
  video.addEventListener('ended', onEnded)
  // Without frame callbacks the first progress of the clock stands for the first frame.
  if (frame === undefined) video.addEventListener('timeupdate', onMoved, { once: true })

  return {
    /** Whether a frame has been on the screen. */
    get hasPlayed() {
      return hasPlayed
    },
    close() {
      clearInterval(timer)
      if (frame !== undefined) video.cancelVideoFrameCallback(frame)
      video.removeEventListener('timeupdate', onMoved)
      video.removeEventListener('ended', onEnded)
    },
  }
}
