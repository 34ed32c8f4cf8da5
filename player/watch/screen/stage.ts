import { find } from '../../shared/dom.ts'
import type { WatchState } from '../show/watch-state.ts'
import { formatLatency, noticeOf, spokenOf } from './words.ts'

/**
 * Creates the view of the page's state around the picture: title, notice, badge and latency. Screen readers
 * get the state as text.
 */
export function createStage(title: string, video: HTMLVideoElement) {
  const stage = find('#stage')
  const notice = find('#notice')
  const heading = find('#notice-heading')
  const line = find('#notice-line')
  const badge = find('#badge')
  const latency = find('#latency')
  const spoken = find('#spoken')
  const unmute = find('#unmute')
  let state: WatchState | undefined

  find('#title').textContent = title
  document.title = title

  function showUnmute() {
    unmute.hidden = !video.muted || (state?.name !== 'playing' && state?.name !== 'behind')
  }

  unmute.addEventListener('click', () => {
    video.muted = false
    if (video.volume === 0) video.volume = 1
  })
  video.addEventListener('volumechange', showUnmute)
  video.addEventListener('resize', () => {
    if (video.videoWidth > 0) stage.style.setProperty('--shape', `${video.videoWidth} / ${video.videoHeight}`)
  })

  return {
    show(next: WatchState) {
      state = next
      const words = noticeOf(next)
      notice.hidden = words === undefined
      if (words) {
        notice.dataset.layout = words.layout
        heading.textContent = words.heading
        line.textContent = words.line
      }
      stage.dataset.state = next.name
      stage.dataset.layout = words?.layout ?? 'none'
      spoken.textContent = spokenOf(next)
      badge.hidden = next.name !== 'playing' && next.name !== 'behind'
      badge.textContent = next.name === 'behind' ? 'Behind live' : 'Live'
      badge.dataset.tone = next.name === 'behind' ? 'warn' : 'live'
      showUnmute()
    },
    /** Shows the age of the picture, seconds. Hides it when it is undefined or when the badge is hidden. */
    showLatency(seconds: number | undefined) {
      latency.hidden = seconds === undefined || badge.hidden
      latency.textContent = seconds === undefined ? '' : `${formatLatency(seconds)} from camera to you`
    },
  }
}
