import 'media-chrome/dist/media-controller.js'
import 'media-chrome/dist/media-control-bar.js'
import 'media-chrome/dist/media-play-button.js'
import 'media-chrome/dist/media-mute-button.js'
import 'media-chrome/dist/media-volume-range.js'
import 'media-chrome/dist/media-live-button.js'
import 'media-chrome/dist/media-fullscreen-button.js'
import 'media-chrome/dist/media-pip-button.js'
import 'media-chrome/dist/menu/media-chrome-menu-item.js'
import 'media-chrome/dist/menu/media-rendition-menu.js'
import 'media-chrome/dist/menu/media-rendition-menu-button.js'
import { find } from '../../shared/dom.ts'

/**
 * Adds the controls of media-chrome. This module is loaded after the first frame, so that it cannot delay
 * that frame.
 */
export function addControls(goLive: () => void) {
  find('#controller').append(find<HTMLTemplateElement>('#controls').content.cloneNode(true))
  const liveText = find('#live-text')

  // media-chrome would seek to the end of the buffer, where playback stalls immediately.
  find('#stage').addEventListener(
    'mediaseektoliverequest',
    (event) => {
      event.stopPropagation()
      goLive()
    },
    { capture: true },
  )

  return {
    /** The text of the live button says what a click would do; at the live edge it would do nothing. */
    showBehind(isBehind: boolean) {
      liveText.textContent = isBehind ? 'Go to live' : 'Live'
    },
  }
}
