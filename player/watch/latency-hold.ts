import type Hls from 'hls.js'
import type { LevelDetails } from 'hls.js'
import { createLatencyController, type LatencyController } from './latency-controller.ts'
import type { PlaybackEvent } from './playback.ts'

const steerEveryMs = 100
/** A pause or a step back beyond this, seconds from the target, is the viewer's wish: no catching up. */
const behindSeconds = 2
/** A seek back by more than this, seconds, is a viewer's. */
const wentBackSeconds = 0.5
/** What is in hand when a whole segment is due, seconds: it still has to be fetched. */
const wholeSegmentMargin = 0.8
/** Media in hand below this, seconds, when the element waits: it ran dry. */
const runDrySeconds = 0.1

/** Holds the element at the playlist's hold-back from the live edge, until the viewer wants to be elsewhere. */
export function holdLatency(video: HTMLVideoElement, hls: Hls, onEvent: (event: PlaybackEvent) => void) {
  let controller: LatencyController | undefined
  /** What the controller was made for: a server under load takes the parts out of its playlists for a while. */
  let pieces: 'parts' | 'segments' | undefined
  let wish: 'live' | 'behind' = 'live'
  let lastPosition = 0

  function controllerOf(details: LevelDetails): LatencyController {
    const lowLatency = hls.config.lowLatencyMode && details.partTarget > 0
    const wanted = lowLatency ? 'parts' : 'segments'
    if (controller !== undefined && wanted === pieces) return controller
    if (pieces === 'parts') makeRoom(details)
    pieces = wanted
    controller = createLatencyController({
      holdBackSeconds: (lowLatency && details.partHoldBack) || details.holdBack || 3 * details.targetduration,
      pieceSeconds: lowLatency ? details.partTarget : details.targetduration,
    })
    return controller
  }

  /** Parts stop: goes back within what is in hand, so that it lasts until the segment that is being made is whole and here. */
  function makeRoom(details: LevelDetails) {
    const end = video.currentTime + bufferAhead(video)
    const missing = Math.max(0, details.targetduration - Math.max(0, end - details.edge))
    const position = end - missing - wholeSegmentMargin
    if (wish === 'live' && position < video.currentTime)
      video.currentTime = Math.max(position, details.fragmentStart)
  }

  function setWish(next: typeof wish) {
    if (wish === next) return
    wish = next
    if (next === 'behind') video.playbackRate = 1
    onEvent({ type: next === 'behind' ? 'behind' : 'at_live' })
  }

  const distanceOf = (details: LevelDetails) => details.edge + details.age - video.currentTime
  const isFarBehind = (details: LevelDetails) =>
    distanceOf(details) - controllerOf(details).targetSeconds > behindSeconds

  function steer() {
    const details = hls.latestLevelDetails
    if (!details?.live || video.readyState < 2 || video.seeking) return
    lastPosition = video.currentTime
    if (wish === 'behind' || video.paused) return
    const controller = controllerOf(details)
    const steering = controller.steer({
      atMs: performance.now(),
      distanceSeconds: distanceOf(details),
      bufferSeconds: bufferAhead(video),
    })
    if (steering.kind === 'jump') seekToLive(details, controller)
    else if (video.playbackRate !== steering.rate) video.playbackRate = steering.rate
  }

  function seekToLive(details: LevelDetails, steady: LatencyController) {
    const position = details.edge + details.age - steady.targetSeconds
    video.currentTime = Math.max(details.fragmentStart, Math.min(position, details.edge))
  }

  function goLive() {
    setWish('live')
    const details = hls.latestLevelDetails
    if (details) seekToLive(details, controllerOf(details))
    void video.play().catch(() => {})
  }

  function onWaiting() {
    if (!video.seeking && bufferAhead(video) < runDrySeconds) controller?.stalled(performance.now())
  }
  function onPause() {
    // A browser that rests a hidden page pauses too: that is not the viewer's wish.
    if (!video.ended && !document.hidden && hls.latestLevelDetails?.live) setWish('behind')
  }
  function onPlay() {
    const details = hls.latestLevelDetails
    if (details?.live && !isFarBehind(details)) setWish('live')
  }
  function onSeeking() {
    const details = hls.latestLevelDetails
    if (!details?.live) return
    // Only a viewer goes back; hls.js jumps forward, over gaps and to the live edge.
    const wentBack = video.currentTime < lastPosition - wentBackSeconds
    if (wentBack && isFarBehind(details)) setWish('behind')
    else if (!isFarBehind(details)) setWish('live')
  }

  const timer = setInterval(steer, steerEveryMs)
  video.addEventListener('waiting', onWaiting)
  video.addEventListener('pause', onPause)
  video.addEventListener('play', onPlay)
  video.addEventListener('seeking', onSeeking)

  return {
    goLive,
    close() {
      clearInterval(timer)
      video.removeEventListener('waiting', onWaiting)
      video.removeEventListener('pause', onPause)
      video.removeEventListener('play', onPlay)
      video.removeEventListener('seeking', onSeeking)
    },
  }
}

/** Seconds of media in hand ahead of the playhead. */
function bufferAhead(video: HTMLVideoElement): number {
  const { buffered, currentTime } = video
  for (let i = 0; i < buffered.length; i++)
    if (buffered.start(i) <= currentTime + 0.05 && currentTime <= buffered.end(i))
      return buffered.end(i) - currentTime
  return 0
}
