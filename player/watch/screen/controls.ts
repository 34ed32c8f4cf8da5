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

/** Adds the controls of media-chrome. `goLive` is called for a click on the live button. */
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
    /** Changes the text of the live button. When the viewer is behind, it says what a click does. */
    showBehind(isBehind: boolean) {
      liveText.textContent = isBehind ? 'Go to live' : 'Live'
    },
  }
}
