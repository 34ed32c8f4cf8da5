import Hls, { type ErrorData, Events, type FragmentLoaderContext, type PlaylistLoaderContext } from 'hls.js'
import { recallBandwidth, rememberBandwidth } from './bandwidth-memory.ts'
import { createCmcd } from './cmcd.ts'
import { eagerAudio } from './eager-audio.ts'
import { failOver } from './edge-failover.ts'
import { createHandover } from './handover.ts'
import { hlsConfig } from './hls-config.ts'
import { holdLatency } from './latency-hold.ts'
import type { Playback, PlaybackListener, PlaybackSource } from './playback.ts'
import { prefetchedLoader } from './prefetched-loader.ts'
import { watchProgress } from './progress-watch.ts'
import type { Viewing } from './viewing.ts'

/** A second media error within this time, ms, is not mended on the spot again. */
const mediaErrorWindowMs = 20_000

/** An age beyond the distance from the live edge by more than this, seconds, speaks of a wrong clock. */
const clockDoubtSeconds = 5

/** Plays by Media Source Extensions. */
export function startHlsPlayback(
  video: HTMLVideoElement,
  { url, playlist, latency: channelLatency, current, headStart }: PlaybackSource,
  { onEvent, onRenditions }: PlaybackListener,
  viewing: Viewing,
): Playback {
  const bandwidth = recallBandwidth()
  const handover = createHandover(url, playlist, headStart)
  const cmcd = createCmcd(viewing, () => ({
    bufferSeconds: hls.mainForwardBufferInfo?.len,
    bitrate: hls.levels[hls.currentLevel]?.bitrate,
    throughput: hls.bandwidthEstimate,
    latencySeconds: latency(),
  }))
  const hls: Hls = new Hls({
    ...hlsConfig(channelLatency, bandwidth),
    pLoader: prefetchedLoader<PlaylistLoaderContext>(handover, bandwidth),
    fLoader: prefetchedLoader<FragmentLoaderContext>(handover, bandwidth),
    audioStreamController: eagerAudio(),
    xhrSetup(xhr, target, context) {
      const kind = 'type' in context ? context.type : undefined
      const url = current?.(target) ?? target
      if (kind === 'level' || kind === 'audioTrack') xhr.open('GET', cmcd.urlOf(url, kind === 'level'))
      else if (url !== target) xhr.open('GET', url)
    },
  })
  const progress = watchProgress(video, onEvent)
  const hold = holdLatency(video, hls, onEvent)
  let mendedAt = Number.NEGATIVE_INFINITY

  function latency(): number | undefined {
    if (hls.latestLevelDetails === null) return undefined
    const shown = hls.playingDate?.getTime()
    const age = shown === undefined ? 0 : (Date.now() - shown) / 1000
    // A viewer's clock may be wrong; the distance from the live edge is known without it, and no picture is younger.
    return age > hls.latency + clockDoubtSeconds ? hls.latency : Math.max(age, hls.latency)
  }

  function onError(data: ErrorData) {
    // hls.js cannot start from parts alone.
    if (data.details === Hls.ErrorDetails.LEVEL_EMPTY_ERROR) return onEvent({ type: 'not_ready' })
    if (!data.fatal) return
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && performance.now() - mendedAt > mediaErrorWindowMs) {
      mendedAt = performance.now()
      hls.recoverMediaError()
      return
    }
    onEvent({ type: 'lost', reason: data.details })
  }

  hls.on(Events.ERROR, (_, data) => onError(data))
  hls.on(Events.MANIFEST_PARSED, (_, { levels }) => {
    const startVariant = headStart?.variant()
    hls.startLevel = levels.findIndex((level) => level.url.includes(startVariant ?? ''))
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
  hls.on(Events.FRAG_BUFFERED, () => rememberBandwidth(hls.bandwidthEstimate))
  hls.on(Events.LEVEL_LOADED, (_, { details }) => {
    // Opened in the moments between the end of a show and its removal: there is nothing left to join.
    if (!details.live && !progress.hasPlayed) onEvent({ type: 'ended' })
  })
  failOver(hls)
  hls.attachMedia({ media: video, ...headStart?.takeMedia() })
  hls.loadSource(url)
  video.addEventListener('playing', () => headStart?.close(), { once: true })

  return {
    goLive: () => hold.goLive(),
    latency,
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
