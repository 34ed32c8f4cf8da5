import { find } from '../../shared/dom.ts'
import type { KeyActions } from './keyboard.ts'

/** iPhones support full screen only for the video element. */
type IosVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void }

/**
 * Returns the actions that keys have on this page. An action that the browser refuses, such as playback
 * without a click before, has no effect.
 */
export function createKeyActions(video: IosVideo, goLive: () => void): Omit<KeyActions, 'toggleStats'> {
  const stage = find('#stage')
  const help = find<HTMLDialogElement>('#help')
  find('#help-open').addEventListener('click', () => help.showModal())
  const ignoreRefusal = () => {}

  return {
    togglePlay() {
      if (video.paused) void video.play().catch(ignoreRefusal)
      else video.pause()
    },
    toggleMute() {
      video.muted = !video.muted
    },
    toggleFullscreen() {
      if (document.fullscreenElement) void document.exitFullscreen().catch(ignoreRefusal)
      else if (stage.requestFullscreen) void stage.requestFullscreen().catch(ignoreRefusal)
      else video.webkitEnterFullscreen?.()
    },
    togglePictureInPicture() {
      if (document.pictureInPictureElement) void document.exitPictureInPicture().catch(ignoreRefusal)
      else if (video.readyState > 0) void video.requestPictureInPicture?.().catch(ignoreRefusal)
    },
    changeVolume(step) {
      video.volume = Math.min(1, Math.max(0, video.volume + step))
      video.muted = video.volume === 0
    },
    seek(seconds) {
      const { seekable } = video
      if (seekable.length === 0) return
      const position = video.currentTime + seconds
      if (position >= seekable.end(seekable.length - 1)) goLive()
      else video.currentTime = Math.max(seekable.start(0), position)
    },
    goLive,
    help: () => help.showModal(),
  }
}
