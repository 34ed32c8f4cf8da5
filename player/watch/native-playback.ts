import type { Playback, PlaybackListener, PlaybackSource } from './playback.ts'
import { watchProgress } from './progress-watch.ts'

/** Whether the browser plays HLS itself (Safari). */
export const isNativeSupported = (video: HTMLVideoElement) =>
  video.canPlayType('application/vnd.apple.mpegurl') !== ''

/** A viewer this far from the seekable end, seconds, has gone back. */
const behindSeconds = 10

/** Gives the playlist to the browser, which then does everything by itself: latency, quality, retries. */
export function startNativePlayback(
  video: HTMLVideoElement,
  { url }: PlaybackSource,
  { onEvent }: PlaybackListener,
): Playback {
  const listening = new AbortController()
  const { signal } = listening
  const progress = watchProgress(video, onEvent)
  const liveEdge = () =>
    video.seekable.length > 0 ? video.seekable.end(video.seekable.length - 1) : undefined

  video.addEventListener('error', () => onEvent({ type: 'lost', reason: video.error?.message ?? '' }), {
    signal,
  })
  video.addEventListener('pause', () => !video.ended && onEvent({ type: 'behind' }), { signal })
  video.addEventListener(
    'seeked',
    () => {
      const edge = liveEdge()
      if (edge !== undefined)
        onEvent({ type: edge - video.currentTime > behindSeconds ? 'behind' : 'at_live' })
    },
    { signal },
  )
  video.src = url
  void video.play().catch(() => {})

  return {
    goLive() {
      const edge = liveEdge()
      if (edge !== undefined) video.currentTime = edge
      void video.play().catch(() => {})
    },
    latency() {
      // getStartDate is Safari's: the program date-time of position 0.
      const start = (video as { getStartDate?(): Date }).getStartDate?.().getTime()
      if (start === undefined || Number.isNaN(start)) return undefined
      return (Date.now() - start) / 1000 - video.currentTime
    },
    choose() {},
    close() {
      listening.abort()
      progress.close()
      video.removeAttribute('src')
      video.load()
    },
  }
}
