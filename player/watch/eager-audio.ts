import Hls from 'hls.js'

type AudioController = NonNullable<typeof Hls.DefaultConfig.audioStreamController>

const hurryEveryMs = 10

/**
 * Audio that is not made to wait while a viewer joins. After each playlist and after the first picture the audio of
 * hls.js only looks again at its next tick of 100 ms, several times in a row: that is a noticeable part of a join.
 */
export function createEagerAudio() {
  const Base = Hls.DefaultConfig.audioStreamController as AudioController
  let tick = () => {}
  let timer: ReturnType<typeof setInterval> | undefined

  const controller = class extends Base {
    constructor(...parts: ConstructorParameters<AudioController>) {
      super(...parts)
      tick = () => this.tick()
    }
  }

  const close = () => clearInterval(timer)

  return {
    controller,
    /** Ticks often until `video` has its first frame. */
    hurryUntilLoaded(video: HTMLVideoElement) {
      timer = setInterval(() => tick(), hurryEveryMs)
      video.addEventListener('loadeddata', close, { once: true })
    },
    close,
  }
}
