import type Hls from 'hls.js'
import { Events, type LevelDetails } from 'hls.js'
import { play } from '../../shared/play.ts'
import { fallReserve } from './fall-reserve.ts'
import { createLatencyController, type LatencyController } from './latency-controller.ts'
import { watchViewerWish } from './viewer-wish.ts'

const steerEveryMs = 100
/**
 * Distance beyond the target above which a viewer who resumes or seeks counts as behind, seconds. Playback
 * does not catch up then.
 */
const behindSeconds = 2
/** Estimated time that the next segment takes to arrive after it is complete, seconds. */
const segmentFetchSeconds = 0.8
/**
 * Distance from the live edge where segments are loaded although there are parts: this many target durations
 * plus this many round trips.
 */
const segmentHoldBack = 1.4
const segmentRoundTrips = 1.9
/** Maximum round trip that `holdBackOf` uses, ms: the first measurement may contain a handshake. */
const maxRoundTripMs = 700
/** Maximum buffer with which a `waiting` event counts as a stall, seconds. */
const dryBufferSeconds = 0.1

/**
 * Holds playback at its target distance from the live edge until the viewer pauses or goes back. `link`
 * returns the round trip, ms, and the bandwidth, bits/s. `onBehind` is called when the viewer leaves the live
 * edge and when they return.
 */
export function holdLatency(
  video: HTMLVideoElement,
  { hls, link }: { hls: Hls; link: () => { rttMs: number; bits: number } },
  onBehind: (isBehind: boolean) => void,
) {
  const controllers = createControllers(hls, link, (details) => {
    if (wish.current === 'live') keepBufferForSegment(video, details)
  })

  const wish = watchViewerWish(video, {
    isLive: () => hls.latestLevelDetails?.live ?? false,
    isFarBehind() {
      const details = hls.latestLevelDetails
      return (
        details !== null && distanceOf(video, details) - controllers.of(details).targetSeconds > behindSeconds
      )
    },
    onChange(next) {
      if (next === 'behind') video.playbackRate = 1
      onBehind(next === 'behind')
    },
  })

  function steer() {
    const details = hls.latestLevelDetails
    if (!details?.live || video.readyState < 2 || video.seeking) return
    wish.notePosition()
    if (wish.current === 'behind' || video.paused) return
    const controller = controllers.of(details)
    const steering = controller.steer({
      atMs: performance.now(),
      distanceSeconds: distanceOf(video, details),
      bufferSeconds: bufferAhead(video),
      reserveSeconds: hls.config.lowLatencyMode ? fallReserve(hls, link().bits) : 0,
    })
    if (steering.kind === 'jump') return seekToLive(video, details, controller)
    // A browser that pauses by itself does so after each change of the rate.
    const rate = wish.hasBrowserPaused ? 1 : steering.rate
    if (video.playbackRate !== rate) video.playbackRate = rate
  }

  const distance = () => {
    const details = hls.latestLevelDetails
    return details === null ? 0 : distanceOf(video, details)
  }

  function onWaiting() {
    if (!video.seeking && bufferAhead(video) < dryBufferSeconds)
      controllers.current?.stalled(performance.now())
  }

  let level = hls.loadLevel
  hls.on(Events.LEVEL_SWITCHING, (_, { level: next }) => {
    if (next < level) controllers.current?.renditionFell(performance.now())
    level = next
  })
  const timer = setInterval(steer, steerEveryMs)
  video.addEventListener('waiting', onWaiting)

  return {
    /** Target distance from the live edge, seconds; undefined before the first playlist. */
    get targetSeconds() {
      return controllers.current?.targetSeconds
    },
    /** Returns the present distance from the live edge, seconds; 0 before the first playlist. */
    distance,
    /** Seeks to the target distance and plays, even if the viewer has paused. */
    goLive() {
      wish.set('live')
      const details = hls.latestLevelDetails
      if (details) seekToLive(video, details, controllers.of(details))
      void play(video)
    },
    close() {
      clearInterval(timer)
      video.removeEventListener('waiting', onWaiting)
      wish.close()
    },
  }
}

/**
 * Keeps the latency controller for parts or for segments, and replaces it when loading changes between the
 * two: because of the link, or because a server under load removes the parts from its playlists for a while.
 */
function createControllers(
  hls: Hls,
  link: () => { rttMs: number; bits: number },
  onPartsRemoved: (details: LevelDetails) => void,
) {
  let current: { offers: 'parts' | 'segments'; controller: LatencyController } | undefined

  return {
    /** The controller in use; undefined before the first playlist. */
    get current() {
      return current?.controller
    },
    of(details: LevelDetails): LatencyController {
      const hasParts = hls.config.lowLatencyMode && details.partTarget > 0
      const offers = hasParts ? 'parts' : 'segments'
      if (current?.offers === offers) return current.controller
      if (current?.offers === 'parts' && details.partTarget === 0) onPartsRemoved(details)
      const controller = createLatencyController({
        holdBackSeconds: holdBackOf(details, hasParts, link().rttMs),
        pieceSeconds: hasParts ? details.partTarget : details.targetduration,
        link: hasParts ? link() : undefined,
      })
      current = { offers, controller }
      return controller
    },
  }
}

/**
 * Returns the least distance from the live edge, seconds. Where segments are loaded although there are parts,
 * it depends on the round trip: a segment can be requested only when it is complete.
 */
function holdBackOf(details: LevelDetails, usesParts: boolean, rttMs: number): number {
  const { partHoldBack, holdBack, partTarget, targetduration } = details
  if (usesParts && partHoldBack > 0) return partHoldBack
  if (partTarget > 0)
    return segmentHoldBack * targetduration + (segmentRoundTrips * Math.min(maxRoundTripMs, rttMs)) / 1000
  return holdBack || 3 * targetduration
}

/**
 * Seeks back so far that the buffer should last until the next segment has arrived, but not beyond the start
 * of the playlist. Without parts, no media arrives before that segment is complete.
 */
function keepBufferForSegment(video: HTMLVideoElement, details: LevelDetails): void {
  const end = video.currentTime + bufferAhead(video)
  const missing = Math.max(0, details.targetduration - Math.max(0, end - details.edge))
  const position = end - missing - segmentFetchSeconds
  if (position < video.currentTime) video.currentTime = Math.max(position, details.fragmentStart)
}

/**
 * Returns the distance of the playhead from the live edge, seconds. The live edge has moved on by `age` since
 * the playlist was loaded.
 */
const distanceOf = (video: HTMLVideoElement, details: LevelDetails) =>
  details.edge + details.age - video.currentTime

function seekToLive(video: HTMLVideoElement, details: LevelDetails, { targetSeconds }: LatencyController) {
  const position = details.edge + details.age - targetSeconds
  video.currentTime = Math.max(details.fragmentStart, Math.min(position, details.edge))
}

/** Returns the media buffered ahead of the playhead, seconds; 0 when the playhead is in no buffered range. */
function bufferAhead({ buffered, currentTime }: HTMLVideoElement): number {
  for (let i = 0; i < buffered.length; i++)
    if (buffered.start(i) <= currentTime + 0.05 && currentTime <= buffered.end(i))
      return buffered.end(i) - currentTime
  return 0
}
