import { recallBandwidth } from '../bandwidth-memory.ts'
import { readConfig } from '../config.ts'
import { createViewerId } from '../viewer-id.ts'
import { startHead } from './head-start.ts'

// Stands in the page itself, after the video element, and runs before any other script has arrived.
const config = readConfig(document.querySelector('#nowcast-config')?.textContent, new URL(location.href))
const video = document.querySelector('video')
if (!config.unknown && video && 'MediaSource' in window) {
  const width = () => video.clientWidth * devicePixelRatio
  window.nowcastHeadStart = startHead({
    url: config.hls,
    viewer: createViewerId(),
    bandwidth: recallBandwidth(),
    video,
    width,
  })
}
