import type { HlsConfig, LoadPolicy } from 'hls.js'
import type { Latency } from '../../core/media/latency.ts'

/** Few and quick tries: what does not come soon is asked for anew from the multivariant playlist. */
function policy(maxTimeToFirstByteMs: number, maxNumRetry: number): LoadPolicy {
  const retry = { maxNumRetry, retryDelayMs: 250, maxRetryDelayMs: 1000 }
  return {
    default: { maxTimeToFirstByteMs, maxLoadTimeMs: 20_000, timeoutRetry: retry, errorRetry: retry },
  }
}

/** Settings of hls.js for one channel; `bandwidth` in bits/s as measured before. */
export function hlsConfig(latency: Latency, bandwidth: number): Partial<HlsConfig> {
  return {
    // Fragmented MP4 passes through untouched: a worker would only cost its start.
    enableWorker: false,
    // Media may come before the element is ready for it.
    startFragPrefetch: true,
    lowLatencyMode: latency !== 'standard',
    // The page has its own latency controller: that of hls.js needs over a second of buffer to act.
    maxLiveSyncPlaybackRate: 1,
    liveSyncOnStallIncrease: 0,
    liveDurationInfinity: true,
    backBufferLength: 30,
    maxBufferLength: 12,
    abrEwmaDefaultEstimate: bandwidth,
    abrEwmaDefaultEstimateMax: 20_000_000,
    testBandwidth: false,
    capLevelToPlayerSize: true,
    useMediaCapabilities: false,
    // A gap is seen and jumped soon: at low latency a second is all the buffer there is.
    detectStallWithCurrentTimeMs: 500,
    highBufferWatchdogPeriod: 1,
    nudgeMaxRetry: 5,
    manifestLoadPolicy: policy(8000, 0),
    // A blocking reload may be held for three target durations before the server gives up.
    playlistLoadPolicy: policy(10_000, 1),
    fragLoadPolicy: policy(8000, 2),
  }
}
