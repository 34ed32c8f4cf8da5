/** What a player reports with a request. A number is NaN when it was not reported or is not plausible. */
export interface PlayerReport {
  /** Viewer id: hash of the player's session id (`sid`). */
  viewer: number
  /** Whether the request is for audio only. */
  isAudio: boolean
  bufferMs: number
  /**
   * Bitrate of the media that the player requests; if it does not report that, of the media that it plays,
   * bits/s.
   */
  bitrate: number
  /** Throughput that the player measured, bits/s. */
  throughput: number
  /** Age of the picture on the screen, ms. */
  latencyMs: number
  /** Time from opening the page to the first frame, ms. */
  joinMs: number
  /** Time that playback stalled since the player last reported it, ms. */
  stalledMs: number
  /** Time that playback ran since the player last reported it, ms. */
  playedMs: number
  /** Whether the buffer ran dry since the player's previous request. */
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
