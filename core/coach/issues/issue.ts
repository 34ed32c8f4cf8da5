/** How much an issue matters. `info`: viewers see no harm. `error`: viewers cannot watch well. */
export const severities = ['info', 'warning', 'error'] as const
export type Severity = (typeof severities)[number]

/** `none`: there is no signal to judge. */
export const verdicts = ['good', 'fair', 'poor', 'none'] as const
export type Verdict = (typeof verdicts)[number]

export const units = ['ms', 'bits/s', 'frames/s', 'Hz', 'percent', 'count', 'text'] as const
export type Unit = (typeof units)[number]

/** A measured or wanted value, in the unit of its code. */
export type Figure = number | string

/** Every issue by its code, with the unit of its figures. */
export const unitOfCode = {
  audio_missing: 'ms',
  video_missing: 'ms',
  starved: 'ms',
  uplink_behind: 'ms',
  uplink_saturated: 'percent',
  faster_than_realtime: 'ms',
  jitter_high: 'ms',
  frames_missing: 'percent',
  bitrate_unstable: 'percent',
  timestamps_jump: 'count',
  av_skew: 'ms',
  reconnects: 'count',
  keyframe_interval_long: 'ms',
  keyframe_interval_high_for_latency: 'ms',
  keyframe_interval_short: 'ms',
  keyframe_interval_unsteady: 'ms',
  open_gop: 'count',
  video_bitrate_low: 'bits/s',
  video_bitrate_high: 'bits/s',
  frame_rate_low: 'frames/s',
  frame_rate_variable: 'percent',
  frame_rate_high: 'frames/s',
  resolution_odd: 'text',
  video_not_browser_friendly: 'text',
  profile_level_high: 'text',
  profile_baseline: 'text',
  b_frames: 'ms',
  interlaced: 'text',
  audio_bitrate_low: 'bits/s',
  audio_bitrate_high: 'bits/s',
  audio_sample_rate: 'Hz',
  audio_channels: 'count',
  transcode_behind: 'ms',
  viewers_stalling: 'percent',
  viewers_cannot_follow: 'bits/s',
} as const satisfies Record<string, Unit>

export type IssueCode = keyof typeof unitOfCode
export const issueCodes = Object.keys(unitOfCode) as IssueCode[]

/** What a rule finds at one moment. */
export interface Finding {
  severity: Severity
  measured: Figure
  /** A value with which there is no issue. */
  wanted: Figure
}

export interface Issue extends Finding {
  code: IssueCode
  /** When it began, ms since the epoch. */
  since: number
}

/** Returns the verdict on a signal with these issues. Those of severity `info` do not change it. */
export function verdictOf(issues: readonly Pick<Issue, 'severity'>[]): Exclude<Verdict, 'none'> {
  if (issues.some(({ severity }) => severity === 'error')) return 'poor'
  return issues.some(({ severity }) => severity === 'warning') ? 'fair' : 'good'
}

const rank = (severity: Severity) => severities.indexOf(severity)

export const isWorse = (one: Severity, other: Severity) => rank(one) > rank(other)
