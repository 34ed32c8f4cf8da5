import Hls from 'hls.js'

type AudioController = NonNullable<typeof Hls.DefaultConfig.audioStreamController>

/**
 * The audio of hls.js waits with its first media until video tells which time the presentation begins at; it would notice
 * that at its next tick of 100 ms only. This one looks at once.
 */
export function eagerAudio(): AudioController {
  const Base = Hls.DefaultConfig.audioStreamController as AudioController

  return class extends Base {
    override onInitPtsFound(...found: Parameters<InstanceType<AudioController>['onInitPtsFound']>) {
      super.onInitPtsFound(...found)
      queueMicrotask(() => {
        // hls.js may have been destroyed meanwhile.
        if (this.hls !== null) this.tick()
      })
    }
  }
}
