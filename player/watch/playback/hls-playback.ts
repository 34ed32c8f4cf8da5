import Hls, { type ErrorData, Events, type FragmentLoaderContext, type PlaylistLoaderContext } from 'hls.js'
import { failOver } from '../edges/edge-failover.ts'
import type { EarlyMedia } from '../head-start/early-media.ts'
import type { HeadStart } from '../head-start/head-start.ts'
import { holdLatency } from '../latency/latency-hold.ts'
import { createAhead } from '../network/ahead.ts'
import { watchLink } from '../network/link-watch.ts'
import { firstBandwidth, recallBandwidth, rememberBandwidth } from '../page/bandwidth-memory.ts'
import { abrControllerOf } from '../renditions/abr-controller.ts'
import { Adaptation } from '../renditions/adaptation.ts'
import { createCmcd } from '../report/cmcd.ts'
import type { ExperienceMonitor } from '../report/experience-monitor.ts'
import { createBodyLoader } from './body-loader.ts'
import { createBodySource } from './body-source.ts'
import { followLink } from './follow-link.ts'
import { hlsConfig } from './hls-config.ts'
import { loadAhead } from './load-ahead.ts'
import { watchOutages } from './outage-watch.ts'
import type { Playback, PlaybackListener, PlaybackSource } from './playback.ts'
import { watchProgress } from './progress-watch.ts'
import { skipPartsBeforeStart } from './skipped-parts.ts'

/**
 * Minimum time between two recoveries from fatal media errors, ms. A fatal media error before that ends the
 * playback.
 */
const recoveryGapMs = 20_000

/**
 * Time added to the start position where segments are loaded, s. An audio segment may end slightly after the
 * video segment with the same number, so without this hls.js might also load the audio segment before the
 * start.
 */
const beyondSound = 0.1

/**
 * Maximum difference between the age of the picture and its distance from the live edge, s. With a greater
 * one, the viewer's clock counts as wrong.
 */
const clockDoubtSeconds = 5

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

/** Creates an hls.js instance that loads playlists and media with the page's own requests. */
function createHls(source: PlaybackSource, experience: ExperienceMonitor, targetSeconds: () => number) {
  const { url, playlist, latency, currentUrl, headStart, early } = source
  const isFar = early !== undefined && headStart?.isFar() === true
  const bits = headStart?.measuredBandwidth() ?? recallBandwidth() ?? firstBandwidth
  const toUrl = (target: string) => currentUrl?.(target) ?? target
  const ahead = createAhead(toUrl, (target) => headStart?.has(target) ?? false)
  const link = watchLink({ bits, rttMs: headStart?.rttMs() ?? 50 }, ahead.isHeld)
  const cmcd = createCmcd(experience, () => ({
    bufferSeconds: hls.mainForwardBufferInfo?.len,
    bitrate: hls.levels[hls.currentLevel]?.bitrate,
    throughput: link.throughput.estimate.safe,
    latencySeconds: latencyOf(hls),
  }))
  const adaptation = new Adaptation({
    link,
    ahead,
    targetSeconds,
    addQuery: (target) => cmcd.addTo(toUrl(target), true),
  })
  const slackMs = () => 4 * link.roundTrip.late
  const usesParts = () => hls.config.lowLatencyMode
  const given = { url, playlist, headStart, ahead, adaptation, cmcd }
  const bodies = createBodySource({ ...given, toUrl, usesParts, slackMs })
  const hls: Hls = new Hls({
    ...hlsConfig(latency, bits),
    startPosition: early === undefined ? -1 : early.startPosition + (isFar ? beyondSound : 0),
    abrController: abrControllerOf(adaptation),
    pLoader: createBodyLoader<PlaylistLoaderContext>(bodies),
    fLoader: createBodyLoader<FragmentLoaderContext>(bodies),
  })
  skipPartsBeforeStart(hls)
  followLink(hls, { latency, link, initialMode: isFar ? 'segments' : 'parts' })
  const outages = watchOutages({
    hls,
    lateRoundTripMs: () => link.roundTrip.late,
    addQuery: (target) => cmcd.addTo(toUrl(target), false),
  })
  loadAhead(hls, { ahead, adaptation, link })
  return {
    hls,
    link,
    adaptation,
    linkNow: () => ({ rttMs: link.roundTrip.least, bits: link.throughput.estimate.safe }),
    get isAway() {
      return outages.isAway
    },
    close() {
      outages.close()
      adaptation.close()
      link.close()
      ahead.clear()
      hls.destroy()
    },
  }
}

/**
 * Returns the age of the picture, seconds; undefined before the first playlist. The age is computed with the
 * viewer's clock, which may be wrong. The distance from the live edge needs no clock, and no picture is
 * younger. It is returned if the age is less, or greater by more than `clockDoubtSeconds`.
 */
function latencyOf(hls: Hls): number | undefined {
  if (hls.latestLevelDetails === null) return undefined
  const shownAt = hls.playingDate?.getTime()
  const age = shownAt === undefined ? 0 : (Date.now() - shownAt) / 1000
  return age > hls.latency + clockDoubtSeconds ? hls.latency : Math.max(age, hls.latency)
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
