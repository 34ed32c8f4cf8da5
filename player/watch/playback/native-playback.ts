import { play } from '../../shared/play.ts'
import type { Playback, PlaybackListener, PlaybackSource } from './playback.ts'
import { watchProgress } from './progress-watch.ts'

/** Whether the browser plays HLS itself, as Safari does. */
export const isNativeSupported = (video: HTMLVideoElement) =>
  video.canPlayType('application/vnd.apple.mpegurl') !== ''

/** Distance from the end of the seekable range above which the viewer counts as behind after a seek, s. */
const behindSeconds = 10

/** Plays with the HLS support of the browser, which controls latency, rendition and retries. */
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
      const end = liveEdge()
      if (end !== undefined) onEvent({ type: end - video.currentTime > behindSeconds ? 'behind' : 'at_live' })
    },
    { signal },
  )
  video.src = url
  void play(video)

  return {
    goLive() {
      const end = liveEdge()
      if (end !== undefined) video.currentTime = end
      void play(video)
    },
    latency() {
      // Only Safari has getStartDate, the program date-time of position 0.
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
