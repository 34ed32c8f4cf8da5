import Hls, { type ErrorData, Events, type FragmentLoaderContext, type PlaylistLoaderContext } from 'hls.js'
import { failOver } from '../edges/edge-failover.ts'
import type { HeadStart } from '../head-start/head-start.ts'
import { holdLatency } from '../latency/latency-hold.ts'
import { firstBandwidth, recallBandwidth, rememberBandwidth } from '../page/bandwidth-memory.ts'
import { createCmcd } from '../report/cmcd.ts'
import type { ExperienceMonitor } from '../report/experience-monitor.ts'
import { hlsConfig } from './hls-config.ts'
import type { Playback, PlaybackListener, PlaybackSource } from './playback.ts'
import { createHandover, prefetchedLoader } from './prefetched-loader.ts'
import { watchProgress } from './progress-watch.ts'

/** Minimum time between two recoveries from media errors, ms. An error before that ends the playback. */
const recoveryGapMs = 20_000

/**
 * Seconds by which the picture's age may exceed its distance from the live edge. A greater difference means
 * that the viewer's clock is wrong.
 */
const clockDoubtSeconds = 5

/**
 * Playback by hls.js. It begins with the media source and the requests of the head start, if there are any.
 */
export function startHlsPlayback(
  video: HTMLVideoElement,
  source: PlaybackSource,
  { onEvent, onRenditions }: PlaybackListener,
  experience: ExperienceMonitor,
): Playback {
  const { url, headStart, early } = source
  const hls = createHls(source, experience)
  const progress = watchProgress(video, onEvent)
  const hold = holdLatency(video, hls, (isBehind) => onEvent({ type: isBehind ? 'behind' : 'at_live' }))
  handleErrors(hls, onEvent)
  announceRenditions(hls, headStart, onRenditions)
  hls.on(Events.FRAG_BUFFERED, () => rememberBandwidth(hls.bandwidthEstimate))
  hls.on(Events.LEVEL_LOADED, (_, { details }) => {
    // The page was opened after the end of the show and before its removal: there is nothing to join.
    if (!details.live && !progress.hasPlayed) onEvent({ type: 'ended' })
  })
  failOver(hls)
  hls.attachMedia({ media: video, ...early })
  hls.loadSource(url)
  video.addEventListener('playing', () => headStart?.close(), { once: true })

  return {
    goLive: () => hold.goLive(),
    latency: () => latencyOf(hls),
    choose(id) {
      const level = id === undefined ? -1 : Number(id)
      if (level !== -1 || !hls.autoLevelEnabled) hls.nextLevel = level
    },
    close() {
      progress.close()
      hold.close()
      headStart?.close()
      hls.destroy()
      video.playbackRate = 1
    },
  }
}

function createHls(
  { url, playlist, latency, currentUrl, headStart, early }: PlaybackSource,
  experience: ExperienceMonitor,
): Hls {
  const bandwidth = headStart?.measuredBandwidth() ?? recallBandwidth() ?? firstBandwidth
  const handover = createHandover(url, playlist, headStart)
  const cmcd = createCmcd(experience, () => ({
    bufferSeconds: hls.mainForwardBufferInfo?.len,
    bitrate: hls.levels[hls.currentLevel]?.bitrate,
    throughput: hls.bandwidthEstimate,
    latencySeconds: latencyOf(hls),
  }))
  const hls: Hls = new Hls({
    ...hlsConfig(latency, bandwidth),
    startPosition: early?.startPosition ?? -1,
    pLoader: prefetchedLoader<PlaylistLoaderContext>(handover, bandwidth),
    fLoader: prefetchedLoader<FragmentLoaderContext>(handover, bandwidth),
    xhrSetup(xhr, target, context) {
      const kind = 'type' in context ? context.type : undefined
      const current = currentUrl?.(target) ?? target
      if (kind === 'level' || kind === 'audioTrack') xhr.open('GET', cmcd.addTo(current, kind === 'level'))
      else if (current !== target) xhr.open('GET', current)
    },
  })
  return hls
}

/**
 * Age of the picture, seconds. The viewer's clock may be wrong, but the distance from the live edge is known
 * without it, and no picture is younger than that.
 */
function latencyOf(hls: Hls): number | undefined {
  if (hls.latestLevelDetails === null) return undefined
  const shownAt = hls.playingDate?.getTime()
  const age = shownAt === undefined ? 0 : (Date.now() - shownAt) / 1000
  return age > hls.latency + clockDoubtSeconds ? hls.latency : Math.max(age, hls.latency)
}

/**
 * hls.js may recover from a fatal media error once in `recoveryGapMs`. Any other fatal error ends the
 * playback.
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

/** Reports the qualities. Playback starts with the one whose media the head start has requested. */
function announceRenditions(
  hls: Hls,
  headStart: HeadStart | undefined,
  onRenditions: PlaybackListener['onRenditions'],
): void {
  hls.on(Events.MANIFEST_PARSED, (_, { levels }) => {
    const startUrl = headStart?.variantUrl() ?? ''
    hls.startLevel = levels.findIndex((level) => level.url.includes(startUrl))
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
