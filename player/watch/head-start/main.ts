import { keepPlaying } from '../../shared/keep-playing.ts'
import { recallBandwidth } from '../page/bandwidth-memory.ts'
import { readConfig } from '../page/config.ts'
import { createViewerId } from '../report/viewer-id.ts'
import { chooseStart, quickBits, readFirstBytes } from './first-request.ts'
import { startHeadStart } from './head-start.ts'

// This script is inlined after the video element and runs before any other script.
const config = readConfig(document.querySelector('#nowcast-config')?.textContent, new URL(location.href))
const video = document.querySelector('video')
if (video) keepPlaying(video)
if (!config.unknown && video && 'MediaSource' in window) {
  const [navigation] = performance.getEntriesByType('navigation')
  const { rttMs, bitsPerSecond } = readFirstBytes(
    navigation as PerformanceNavigationTiming | undefined,
    document.documentElement.outerHTML.length,
    performance.now(),
  )
  window.nowcastHeadStart = startHeadStart({
    url: config.hls,
    viewerId: createViewerId(),
    start: chooseStart({ rttMs, bitsPerSecond: recallBandwidth() ?? bitsPerSecond ?? quickBits }),
    rttMs,
    video,
  })
}
