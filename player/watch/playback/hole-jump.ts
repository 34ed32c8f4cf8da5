/** Time for which the picture stands still at a hole before playback jumps over it, ms. */
const jumpAfterMs = 200
/** Minimum length of the media behind a hole, s. */
const minBehind = 0.3
/** Longest hole that is jumped over, s. Further media is at another place of the show. */
const maxHole = 6
/** Distance from the start of the media to which playback jumps, s: positions are rounded. */
const margin = 0.01
const checkEveryMs = 50

type Element = Pick<HTMLVideoElement, 'currentTime' | 'buffered' | 'paused' | 'seeking' | 'played'>

/**
 * Returns where playback continues behind a hole at the playhead, s; undefined when there is no hole, or no
 * media behind it yet. hls.js loads media in order, so a hole with media behind it will not be filled.
 */
export function beyondHole({ currentTime, buffered }: Pick<Element, 'currentTime' | 'buffered'>) {
  for (let range = 0; range < buffered.length; range++) {
    const [start, end] = [buffered.start(range), buffered.end(range)]
    if (start <= currentTime) continue
    if (start - currentTime > maxHole || end - start < minBehind) return undefined
    return start + margin
  }
  return undefined
}

/**
 * Jumps over holes in the media at which a picture that has played stands still. hls.js does so only after
 * seconds, and not over media that the playlist marks as missing. Returns the function that ends it.
 */
export function jumpOverHoles(video: Element): () => void {
  let position = video.currentTime
  let movedAt = performance.now()

  const timer = setInterval(() => {
    const now = performance.now()
    const isAsked = video.paused || video.seeking || video.played.length === 0
    if (isAsked || video.currentTime !== position) {
      position = video.currentTime
      movedAt = now
      return
    }
    if (now - movedAt < jumpAfterMs) return
    const target = beyondHole(video)
    if (target === undefined) return
    movedAt = now
    video.currentTime = target
  }, checkEveryMs)

  return () => clearInterval(timer)
}
