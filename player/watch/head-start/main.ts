import { recallBandwidth } from '../page/bandwidth-memory.ts'
import { readConfig } from '../page/config.ts'
import { createViewerId } from '../report/viewer-id.ts'
import { startHeadStart } from './head-start.ts'

// This script is inlined after the video element and runs before any other script is loaded.
const config = readConfig(document.querySelector('#nowcast-config')?.textContent, new URL(location.href))
const video = document.querySelector('video')
if (!config.unknown && video && 'MediaSource' in window) {
  const width = () => video.clientWidth * devicePixelRatio
  window.nowcastHeadStart = startHeadStart({
    url: config.hls,
    viewerId: createViewerId(),
    bandwidth: recallBandwidth(),
    video,
    width,
  })
}
