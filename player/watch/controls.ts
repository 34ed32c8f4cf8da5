import 'media-chrome/dist/media-controller.js'
import 'media-chrome/dist/media-control-bar.js'
import 'media-chrome/dist/media-play-button.js'
import 'media-chrome/dist/media-mute-button.js'
import 'media-chrome/dist/media-volume-range.js'
import 'media-chrome/dist/media-live-button.js'
import 'media-chrome/dist/media-fullscreen-button.js'
import 'media-chrome/dist/media-pip-button.js'
import 'media-chrome/dist/menu/media-rendition-menu.js'
import 'media-chrome/dist/menu/media-rendition-menu-button.js'
import { find } from '../shared/dom.ts'
import type { RenditionList } from './rendition-list.ts'

export interface ControlsOptions {
  video: HTMLVideoElement
  renditions: RenditionList
  isBehind: () => boolean
  goLive: () => void
}

/** Adds media-chrome's controls to the page and tells them what a plain video element does not: that this is live. */
export function addControls({ video, renditions, isBehind, goLive }: ControlsOptions) {
  const controller = find('#controller')
  Object.defineProperties(video, {
    streamType: { value: 'live' },
    // Playing is live wherever the playhead is, until the viewer goes back.
    liveEdgeStart: { get: () => (isBehind() ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY) },
    videoRenditions: { value: renditions },
  })
  controller.append(find<HTMLTemplateElement>('#controls').content.cloneNode(true))

  // media-chrome would go to the very end of the buffer, where playback runs dry at once.
  find('#stage').addEventListener(
    'mediaseektoliverequest',
    (event) => {
      event.stopPropagation()
      goLive()
    },
    { capture: true },
  )
  const liveText = find('#live-text')
  return {
    show() {
      liveText.textContent = isBehind() ? 'Go live' : 'Live'
    },
  }
}
