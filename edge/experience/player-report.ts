/** What a player tells with a request, in our units; NaN what it does not tell or what cannot be. */
export interface PlayerReport {
  /** Of its session id. */
  viewer: number
  /** Whether it tells of sound alone. */
  isOfSound: boolean
  /** Media in hand, ms. */
  bufferMs: number
  /** Of the media it asks for or shows, bits/s. */
  bitrate: number
  /** As it measured it, bits/s. */
  throughput: number
  /** How old the picture is, ms. */
  latencyMs: number
  /** From opening to the first frame, ms; told once. */
  joinMs: number
  /** Stood still for want of media since it told so last, ms. */
  stalledMs: number
  /** Moved since it told so last, ms. */
  playedMs: number
  /** Ran dry since it told so last. */
  ranDry: boolean
}

export const newReport = (): PlayerReport => ({
  viewer: Number.NaN,
  isOfSound: false,
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
  report.isOfSound = false
  report.bufferMs = Number.NaN
  report.bitrate = Number.NaN
  report.throughput = Number.NaN
  report.latencyMs = Number.NaN
  report.joinMs = Number.NaN
  report.stalledMs = Number.NaN
  report.playedMs = Number.NaN
  report.ranDry = false
}
