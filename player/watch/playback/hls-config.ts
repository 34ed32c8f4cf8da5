import Hls, { type HlsConfig, type LoadPolicy } from 'hls.js'
import type { Latency } from '../../../core/media/latency.ts'

/** Returns a policy with quick retries. When they fail, the page starts over with a new playback. */
function loadPolicy(maxTimeToFirstByteMs: number, maxNumRetry: number): LoadPolicy {
  const retry = { maxNumRetry, retryDelayMs: 250, maxRetryDelayMs: 1000 }
  return {
    default: { maxTimeToFirstByteMs, maxLoadTimeMs: 20_000, timeoutRetry: retry, errorRetry: retry },
  }
}

/** Returns the settings of hls.js for one channel. `bandwidth` is the first estimate, bits/s. */
export function hlsConfig(latency: Latency, bandwidth: number): Partial<HlsConfig> {
  return {
    // Fragmented MP4 needs no transmuxing, so a worker would only cost time to start.
    enableWorker: false,
    // Requests media before the video element is ready for it.
    startFragPrefetch: true,
    audioStreamController: eagerAudio(),
    lowLatencyMode: latency !== 'standard',
    // The page has its own latency controller, because that of hls.js acts only above one second of buffer.
    maxLiveSyncPlaybackRate: 1,
    liveSyncOnStallIncrease: 0,
    liveDurationInfinity: true,
    backBufferLength: 30,
    maxBufferLength: 12,
    abrEwmaDefaultEstimate: bandwidth,
    testBandwidth: false,
    capLevelToPlayerSize: true,
    useMediaCapabilities: false,
    // Gaps are detected and skipped early: at low latency the buffer is about one second.
    detectStallWithCurrentTimeMs: 500,
    highBufferWatchdogPeriod: 1,
    nudgeMaxRetry: 5,
    manifestLoadPolicy: loadPolicy(8000, 0),
    // The server may hold a blocking reload for up to three target durations, which must not count as a
    // timeout.
    playlistLoadPolicy: loadPolicy(10_000, 6),
    fragLoadPolicy: loadPolicy(8000, 6),
  }
}

type AudioController = NonNullable<typeof Hls.DefaultConfig.audioStreamController>

/**
 * Returns an audio controller that starts earlier. That of hls.js holds its first media until the video
 * reports the start time of the presentation, and notices this at its next tick, up to 100 ms later. This one
 * ticks immediately.
 */
function eagerAudio(): AudioController {
  const Base = Hls.DefaultConfig.audioStreamController as AudioController

  return class extends Base {
    override onInitPtsFound(...found: Parameters<InstanceType<AudioController>['onInitPtsFound']>) {
      super.onInitPtsFound(...found)
      queueMicrotask(() => {
        // hls.js may have been destroyed in the meantime.
        if (this.hls !== null) this.tick()
      })
    }
  }
}
