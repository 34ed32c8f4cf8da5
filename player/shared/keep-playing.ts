import { hadNoGesture } from './gesture.ts'
import { play } from './play.ts'

/**
 * Maximum number of reversals within `periodMs`: bounds a loop with a browser that pauses each time. After
 * that, playback begins again `retryMs` later.
 */
const maxReversals = 10
const periodMs = 10_000
const retryMs = 2000
/** Time after a reversal by which the picture must move, ms. */
const startMs = 1000

/**
 * Keeps the video element muted and playing until the first gesture of the viewer. Without a sound device,
 * WebKitGTK unmutes the element after the start, after seeks and after changes of the playback rate, and
 * pauses it because sound needs a gesture. Pauses of hidden pages stay: browsers save power with them. Does
 * nothing in browsers without `navigator.userActivation`.
 */
export function keepPlaying(video: HTMLVideoElement): void {
  let reversedAt: number[] = []
  let retry: ReturnType<typeof setTimeout> | undefined
  let check: ReturnType<typeof setTimeout> | undefined

  const isBrowsers = () => hadNoGesture() && !document.hidden

  function hasRoom(): boolean {
    const now = performance.now()
    reversedAt = reversedAt.filter((at) => now - at < periodMs)
    if (reversedAt.length >= maxReversals) return false
    reversedAt.push(now)
    return true
  }

  function playMuted() {
    video.muted = true
    void play(video)
    checkStart()
  }

  /** WebKitGTK may stay still although it has media and reports that it plays. Another pause ends that. */
  function checkStart() {
    const { currentTime } = video
    clearTimeout(check)
    check = setTimeout(() => {
      const isStill = video.currentTime === currentTime && !video.paused
      if (isStill && video.readyState >= video.HAVE_FUTURE_DATA && isBrowsers()) video.pause()
    }, startMs)
  }

  function playLater() {
    if (retry !== undefined) return
    retry = setTimeout(() => {
      retry = undefined
      if (video.paused && !video.ended && isBrowsers()) playMuted()
    }, retryMs)
  }

  video.addEventListener('volumechange', () => {
    if (!video.muted && isBrowsers() && hasRoom()) video.muted = true
  })
  video.addEventListener('pause', () => {
    if (video.ended || !isBrowsers()) return
    if (hasRoom()) playMuted()
    else playLater()
  })
}
