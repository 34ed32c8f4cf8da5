/** What a player reports with a request, in our units. NaN for what it does not report or cannot be true. */
export interface PlayerReport {
  /** Viewer id: a hash of the player's session id. */
  viewer: number
  /** Whether the request is for audio only. */
  isAudio: boolean
  /** Buffered media, ms. */
  bufferMs: number
  /** Bitrate of the media that it requests or plays, bits/s. */
  bitrate: number
  /** Throughput that it measured, bits/s. */
  throughput: number
  /** Age of the picture, ms. */
  latencyMs: number
  /** Time from opening the page to the first frame, ms. Reported once. */
  joinMs: number
  /** Time that playback stalled since it last reported that, ms. */
  stalledMs: number
  /** Time that playback ran since it last reported that, ms. */
  playedMs: number
  /** Whether its buffer ran dry since it last reported that. */
  ranDry: boolean
}

export const newReport = (): PlayerReport => ({
  viewer: Number.NaN,
  isAudio: false,
  bufferMs: Number.NaN,
  bitrate: Number.NaN,
  throughput: Number.NaN,
  latencyMs: Number.NaN,
  joinMs: Number.NaN,
  stalledMs: Number.NaN,
  playedMs: Number.NaN,
  ranDry: false,
})

export function clearReport(report: PlayerReport): void {
  report.viewer = Number.NaN
  report.isAudio = false
  report.bufferMs = Number.NaN
  report.bitrate = Number.NaN
  report.throughput = Number.NaN
  report.latencyMs = Number.NaN
  report.joinMs = Number.NaN
  report.stalledMs = Number.NaN
  report.playedMs = Number.NaN
  report.ranDry = false
}
