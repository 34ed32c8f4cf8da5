import Hls, { type Events, type LevelLoadedData } from 'hls.js'

type AudioController = NonNullable<typeof Hls.DefaultConfig.audioStreamController>

/** The handler of hls.js, private there, that keeps the newest playlist of the video for the audio. */
interface LevelListener {
  onLevelLoaded(event: Events.LEVEL_LOADED, data: LevelLoadedData): void
}

/**
 * Returns an audio controller class that starts earlier, and never keeps an incomplete playlist of the video.
 *
 * - The audio controller of hls.js holds its first media until the start time of the video is known, and
 *   checks this only at its next tick, up to 100 ms later. This class ticks at once.
 * - A delta update of a rendition that hls.js has left meanwhile cannot be merged. The audio controller of
 *   hls.js 1.7.4 keeps it nevertheless, and throws at the next playlist of the audio, because the skipped
 *   segments are missing.
 */
export function audioController(): AudioController {
  const Base = Hls.DefaultConfig.audioStreamController as AudioController
  const base = Base.prototype as unknown as LevelListener

  class Audio extends Base {
    override onInitPtsFound(...found: Parameters<InstanceType<AudioController>['onInitPtsFound']>) {
      super.onInitPtsFound(...found)
      queueMicrotask(() => {
        // hls.js may have been destroyed in the meantime.
        if (this.hls !== null) this.tick()
      })
    }
  }
  // A class in TypeScript cannot override a private method.
  const complete: LevelListener = {
    onLevelLoaded(event, data) {
      const { details } = data
      if (!details.deltaUpdateFailed && details.fragments[0]) base.onLevelLoaded.call(this, event, data)
    },
  }
  Object.assign(Audio.prototype, complete)
  return Audio
}
