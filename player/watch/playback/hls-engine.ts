import Hls, { type FragmentLoaderContext, type PlaylistLoaderContext } from 'hls.js'
import { createAhead } from '../network/ahead.ts'
import { watchLink } from '../network/link-watch.ts'
import { firstBandwidth, recallBandwidth } from '../page/bandwidth-memory.ts'
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
import type { PlaybackSource } from './playback.ts'
import { skipPartsBeforeStart } from './skipped-parts.ts'

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

/** Creates an hls.js instance that loads playlists and media with the page's own requests. */
export function createHls(
  source: PlaybackSource,
  experience: ExperienceMonitor,
  targetSeconds: () => number,
) {
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
      bodies.close()
      hls.destroy()
    },
  }
}

/**
 * Returns the age of the picture, seconds; undefined before the first playlist. The age is computed with the
 * viewer's clock, which may be wrong. The distance from the live edge needs no clock, and no picture is
 * younger. It is returned if the age is less, or greater by more than `clockDoubtSeconds`.
 */
export function latencyOf(hls: Hls): number | undefined {
  if (hls.latestLevelDetails === null) return undefined
  const shownAt = hls.playingDate?.getTime()
  const age = shownAt === undefined ? 0 : (Date.now() - shownAt) / 1000
  return age > hls.latency + clockDoubtSeconds ? hls.latency : Math.max(age, hls.latency)
}
