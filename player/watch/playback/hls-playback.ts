import Hls, { type ErrorData, Events } from 'hls.js'
import { failOver } from '../edges/edge-failover.ts'
import type { EarlyMedia } from '../head-start/early-media.ts'
import type { HeadStart } from '../head-start/head-start.ts'
import { holdLatency } from '../latency/latency-hold.ts'
import { rememberBandwidth } from '../page/bandwidth-memory.ts'
import type { ExperienceMonitor } from '../report/experience-monitor.ts'
import { createHls, latencyOf } from './hls-engine.ts'
import { jumpOverHoles } from './hole-jump.ts'
import type { Playback, PlaybackListener, PlaybackSource } from './playback.ts'
import { watchProgress } from './progress-watch.ts'

/**
 * Minimum time between two recoveries from fatal media errors, ms. A fatal media error before that ends the
 * playback.
 */
const recoveryGapMs = 20_000

/** Starts playback with hls.js, which uses the media source and the responses of the head start, if any. */
export function startHlsPlayback(
  video: HTMLVideoElement,
  source: PlaybackSource,
  { onEvent, onRenditions }: PlaybackListener,
  experience: ExperienceMonitor,
): Playback {
  const { url, headStart, early } = source
  const engine = createHls(source, experience, () => hold?.targetSeconds ?? 1)
  const { hls, link } = engine
  const progress = watchProgress(video, onEvent, () => engine.isAway)
  const hold: ReturnType<typeof holdLatency> = holdLatency(video, { hls, link: engine.linkNow }, (isBehind) =>
    onEvent({ type: isBehind ? 'behind' : 'at_live' }),
  )
  const endJumps = jumpOverHoles(video)
  handleErrors(hls, onEvent)
  announceRenditions(hls, headStart, onRenditions)
  hls.on(Events.FRAG_BUFFERED, () => rememberBandwidth(link.throughput.estimate.safe))
  hls.on(Events.LEVEL_LOADED, (_, { details }) => {
    // The page was opened after the end of the show, while its playlists still existed: there is nothing to
    // join.
    if (!details.live && !progress.hasPlayed) onEvent({ type: 'ended' })
  })
  failOver(hls)
  keepBuffers(hls, early)
  let withdraw = () => {}
  hls.once(Events.MEDIA_ATTACHED, () => {
    withdraw = offerToDevices(video, url)
  })
  hls.attachMedia({ media: video, ...early })
  hls.loadSource(url)
  video.addEventListener('playing', () => headStart?.close(), { once: true })

  return {
    goLive: () => hold.goLive(),
    latency: () => latencyOf(hls),
    stats: () => ({
      ageSeconds: latencyOf(hls),
      bufferSeconds: hls.mainForwardBufferInfo?.len ?? 0,
      distanceSeconds: hold.distance(),
      targetSeconds: hold.targetSeconds,
      rate: video.playbackRate,
      throughput: link.throughput.estimate,
      roundTripMs: link.roundTrip.typical,
      rendition: hls.levels[hls.loadLevel]?.height,
      next: hls.levels[engine.adaptation.view.next ?? -1]?.height,
      mode: hls.config.lowLatencyMode ? 'parts' : 'segments',
      why: engine.adaptation.view.why,
    }),
    choose(id) {
      const level = id === undefined ? -1 : Number(id)
      if (level !== -1 || !hls.autoLevelEnabled) hls.nextLevel = level
    },
    close() {
      progress.close()
      endJumps()
      withdraw()
      hold.close()
      headStart?.close()
      engine.close()
      video.playbackRate = 1
    },
  }
}

/**
 * Reports the source buffers of the head start to hls.js once more, because hls.js forgets them when it
 * attaches the media element. Otherwise, hls.js would load some audio twice and request the next audio
 * segment late.
 */
function keepBuffers(hls: Hls, early: EarlyMedia | undefined): void {
  if (early === undefined) return
  const { tracks } = early
  hls.once(Events.MEDIA_ATTACHED, () => hls.trigger(Events.BUFFER_CREATED, { tracks }))
}

/**
 * Lets hls.js recover from a fatal media error at most once in `recoveryGapMs`. Reports any other fatal error
 * as `lost`.
 */
function handleErrors(hls: Hls, onEvent: PlaybackListener['onEvent']): void {
  let recoveredAt = Number.NEGATIVE_INFINITY

  function onError({ fatal, type, details }: ErrorData) {
    // hls.js cannot start with a playlist that has only parts, as in the first seconds of a session.
    if (details === Hls.ErrorDetails.LEVEL_EMPTY_ERROR) return onEvent({ type: 'not_ready' })
    if (!fatal) return
    if (type === Hls.ErrorTypes.MEDIA_ERROR && performance.now() - recoveredAt > recoveryGapMs) {
      recoveredAt = performance.now()
      hls.recoverMediaError()
      return
    }
    onEvent({ type: 'lost', reason: details })
  }

  hls.on(Events.ERROR, (_, data) => onError(data))
}

/**
 * Reports the renditions of the channel. Playback starts with the rendition whose media the head start has
 * requested, if any.
 */
function announceRenditions(
  hls: Hls,
  headStart: HeadStart | undefined,
  onRenditions: PlaybackListener['onRenditions'],
): void {
  hls.on(Events.MANIFEST_PARSED, (_, { levels }) => {
    const startUrl = headStart?.variantUrl()
    // With -1, hls.js asks the ABR controller.
    hls.startLevel = startUrl === undefined ? -1 : levels.findIndex(({ url }) => url.includes(startUrl))
    onRenditions(
      levels.map(({ width, height, bitrate, frameRate }, id) => ({
        id: `${id}`,
        width,
        height,
        bitrate,
        frameRate,
      })),
    )
  })
}

/** Media type of playlists (RFC 8216 10). */
const playlistType = 'application/vnd.apple.mpegurl'

/**
 * Offers the show to other devices (AirPlay, Chromecast), by adding its playlist as another source of the
 * video element. Such a device requests the URL itself, because it cannot play the media source of this page.
 * The browser does not use the added source, because the element already has media. Returns the function that
 * removes it.
 */
function offerToDevices(video: HTMLVideoElement, url: string): () => void {
  const source = document.createElement('source')
  source.type = playlistType
  source.src = url
  video.append(source)
  // hls.js disables remote playback with a ManagedMediaSource, which browsers open only if that is disabled
  // or there is another source such as this one.
  video.disableRemotePlayback = false
  return () => source.remove()
}
