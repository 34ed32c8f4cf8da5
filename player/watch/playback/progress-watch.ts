import type { PlaybackEvent } from './playback.ts'

/** Time after which a still picture is reported as a stall, ms. */
const stalledAfterMs = 1000
/** Time after which a still picture is reported as `away`, if the publisher sends nothing, ms. */
const awayAfterMs = 3000
/** Time after which a still picture is reported as a loss, so that the playback is replaced, ms. */
const lostAfterMs = 10_000
const checkEveryMs = 250

/**
 * Reports `playing`, `stalled`, `away`, `lost` and `ended` by watching only the video element, so that it
 * works with hls.js and with native playback. `isAway` returns whether the server responds while the
 * publisher sends nothing. `away` is then reported instead of `lost`.
 */
export function watchProgress(
  video: HTMLVideoElement,
  onEvent: (event: PlaybackEvent) => void,
  isAway = () => false,
) {
  let hasPlayed = false
  let isLost = false
  let reported: 'moving' | 'stalled' | 'away' = 'moving'
  const moves = countMoves(video)
  let movedAt = performance.now()

  function onMoved() {
    movedAt = performance.now()
    if (hasPlayed && reported === 'moving') return
    hasPlayed = true
    reported = 'moving'
    onEvent({ type: 'playing' })
  }

  function check() {
    // One move of the playhead ends no stall: hls.js nudges it out of what could be a small gap.
    const isPlaying = moves.inARow() >= (reported === 'moving' ? 1 : 2)
    if (hasPlayed && isPlaying) onMoved()
    // A pause does not count as a stall, and neither does a still picture on a hidden page, where browsers
    // may stop playback.
    else if ((hasPlayed && video.paused) || document.hidden) movedAt = performance.now()
    else onStill(performance.now() - movedAt)
  }

  function onStill(ms: number) {
    if (ms > awayAfterMs && hasPlayed && isAway()) return onStalled('away')
    if (ms > lostAfterMs && !isLost) {
      isLost = true
      onEvent({ type: 'lost', reason: hasPlayed ? 'no progress' : 'no first frame' })
    } else if (ms > stalledAfterMs && hasPlayed && reported === 'moving') onStalled('stalled')
  }

  function onStalled(type: 'stalled' | 'away') {
    if (type === 'away') movedAt = performance.now() - awayAfterMs - checkEveryMs
    if (reported === type) return
    reported = type
    onEvent({ type })
  }

  const onEnded = () => onEvent({ type: 'ended' })
  const timer = setInterval(check, checkEveryMs)
  const frame = video.requestVideoFrameCallback?.(onMoved)
  video.addEventListener('ended', onEnded)
  // In browsers without frame callbacks, the first progress of the playhead counts as the first frame.
  if (frame === undefined) video.addEventListener('timeupdate', onMoved, { once: true })

  return {
    /** Whether at least one frame has been on the screen. */
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

/** Counts the checks in a row before which the playhead has moved. */
function countMoves(video: HTMLVideoElement) {
  let position = video.currentTime
  let count = 0
  return {
    inARow(): number {
      count = video.currentTime === position ? 0 : count + 1
      position = video.currentTime
      return count
    },
  }
}
