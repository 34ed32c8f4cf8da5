import { hadNoGesture } from '../../shared/gesture.ts'
import { play } from '../../shared/play.ts'
/** Where the viewer wants to be: at the live edge, or behind it after a pause or a seek back. */
export type ViewerWish = 'live' | 'behind'

export interface ViewerWishOptions {
  /** Whether a live playlist is loaded. */
  isLive(): boolean
  /**
   * Whether the playhead is much farther from the live edge than its target distance. Called only while live.
   */
  isFarBehind(): boolean
  onChange(wish: ViewerWish): void
}

/** Time after a stall in which a pause counts as the browser's, ms. WebKitGTK pauses after some stalls. */
const browserPauseMs = 250

/** Minimum distance of a seek that counts as a seek back, seconds. */
const wentBackSeconds = 0.5

/** Infers the viewer's wish from pauses, resumptions and seeks of the video element. */
export function watchViewerWish(
  video: HTMLVideoElement,
  { isLive, isFarBehind, onChange }: ViewerWishOptions,
) {
  const listening = new AbortController()
  const { signal } = listening
  let wish: ViewerWish = 'live'
  let position = 0
  let hasBrowserPaused = false
  let stall: 'none' | 'waiting' | { endedAt: number } = 'none'

  function set(next: ViewerWish) {
    if (wish === next) return
    wish = next
    onChange(wish)
  }

  function onWaiting() {
    stall = 'waiting'
  }
  function onPlaying() {
    stall = stall === 'waiting' ? { endedAt: performance.now() } : 'none'
  }
  function isBrowsersPause(): boolean {
    return typeof stall === 'object' && performance.now() - stall.endedAt < browserPauseMs
  }
  function onPause() {
    if (isBrowsersPause()) {
      stall = 'none'
      void play(video)
      return
    }
    // Browsers pause the video of hidden pages to save power. That is not the viewer's wish.
    if (video.ended || document.hidden) return
    // `keepPlaying` reverses it.
    if (hadNoGesture()) hasBrowserPaused = true
    else if (isLive()) set('behind')
  }
  function onPlay() {
    if (isLive() && !isFarBehind()) set('live')
  }
  function onSeeking() {
    if (!isLive()) return
    // hls.js seeks only forward, over gaps and to the live edge, so a seek back that ends far behind is the
    // viewer's.
    const wentBack = video.currentTime < position - wentBackSeconds
    if (!isFarBehind()) set('live')
    else if (wentBack) set('behind')
  }

  video.addEventListener('pause', onPause, { signal })
  video.addEventListener('play', onPlay, { signal })
  video.addEventListener('waiting', onWaiting, { signal })
  video.addEventListener('playing', onPlaying, { signal })
  video.addEventListener('seeking', onSeeking, { signal })

  return {
    get current() {
      return wish
    },
    /** Whether the browser has paused the video of a visible page before any gesture. */
    get hasBrowserPaused() {
      return hasBrowserPaused
    },
    set,
    /**
     * Must be called regularly during playback. The next seek is compared with the position at the last call.
     */
    notePosition() {
      position = video.currentTime
    },
    close: () => listening.abort(),
  }
}
