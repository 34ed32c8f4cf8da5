import type { HlsConfig, LoadPolicy } from 'hls.js'
import type { Latency } from '../../../core/media/latency.ts'
import { briefPenalties } from '../edges/brief-penalties.ts'
import { audioController } from './audio-controller.ts'

/**
 * Returns a load policy with short retry delays. When retries do not help, hls.js reports a fatal error, and
 * the page starts a new playback.
 */
function loadPolicy(maxTimeToFirstByteMs: number, maxNumRetry: number): LoadPolicy {
  const retry = { maxNumRetry, retryDelayMs: 250, maxRetryDelayMs: 1000 }
  return {
    default: { maxTimeToFirstByteMs, maxLoadTimeMs: 20_000, timeoutRetry: retry, errorRetry: retry },
  }
}

/**
 * Policy for requests to the steering server. With the defaults of hls.js, one failure of the first request
 * leaves the viewer without steering for 300 s, and status 429 for ever. Here every failure is followed by
 * another attempt, within 10 s, except 410: the server wants no more requests (RFC 8216bis 7.4).
 */
function steeringPolicy(): LoadPolicy {
  const retry = {
    maxNumRetry: Number.POSITIVE_INFINITY,
    retryDelayMs: 1000,
    maxRetryDelayMs: 10_000,
    shouldRetry: (_: unknown, __: number, ___: boolean, response?: { code?: number }) =>
      response?.code !== 410,
  }
  return {
    default: { maxTimeToFirstByteMs: 5000, maxLoadTimeMs: 10_000, timeoutRetry: retry, errorRetry: retry },
  }
}

/** Returns the settings of hls.js for one channel. `bandwidth` is the first estimate, bits/s. */
export function hlsConfig(latency: Latency, bandwidth: number): Partial<HlsConfig> {
  return {
    // Fragmented MP4 needs no transmuxing, so a worker would only cost time to start.
    enableWorker: false,
    // hls.js requests the first media before it has attached the video element.
    startFragPrefetch: true,
    audioStreamController: audioController(),
    contentSteeringController: briefPenalties(),
    lowLatencyMode: latency !== 'standard',
    // The page has its own latency controller, because that of hls.js acts only with more than one second of
    // buffer.
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
    // hls.js shortens the timeout of blocking reloads. `body-source.ts` extends it again to the time for
    // which the server may hold them.
    playlistLoadPolicy: loadPolicy(10_000, 6),
    fragLoadPolicy: loadPolicy(8000, 6),
    steeringManifestLoadPolicy: steeringPolicy(),
  }
}
