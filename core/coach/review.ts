import { type Finding, type Issue, type IssueCode, isWorse, severities } from './issues/issue.ts'
import type { Rule, SessionFacts } from './issues/rule.ts'
import { audioRules } from './rules/audio.ts'
import { deliveryRules } from './rules/delivery.ts'
import { keyframeRules } from './rules/keyframes.ts'
import { latenessOf, missingShareOf, uplinkRules } from './rules/uplink.ts'
import { videoRules } from './rules/video.ts'
import type { SignalSample } from './signal/signal-sample.ts'
import { Trail } from './signal/trail.ts'

const signalRules = [...uplinkRules, ...videoRules, ...keyframeRules, ...audioRules]

const late: readonly IssueCode[] = ['starved', 'uplink_behind']
const network: readonly IssueCode[] = [...late, 'uplink_saturated']

/** Symptoms, each with the issues that cause it. A symptom is not shown beside one of its causes. */
const causes: Partial<Record<IssueCode, readonly IssueCode[]>> = {
  uplink_behind: ['starved'],
  uplink_saturated: late,
  jitter_high: network,
  bitrate_unstable: network,
  frames_missing: late,
  frame_rate_low: ['frames_missing', 'frame_rate_variable', ...late],
  frame_rate_variable: ['frames_missing'],
  keyframe_interval_high_for_latency: ['keyframe_interval_long', 'keyframe_interval_unsteady'],
  keyframe_interval_unsteady: ['keyframe_interval_long'],
  video_bitrate_low: ['video_missing', 'frames_missing', ...network],
  audio_bitrate_low: ['audio_missing', ...network],
  video_missing: ['starved'],
  audio_missing: ['starved'],
  av_skew: ['video_missing', 'audio_missing', 'timestamps_jump', ...late],
  transcode_behind: late,
  viewers_stalling: [...network, 'frames_missing', 'transcode_behind', 'reconnects'],
}

/** Issues that were present at the end of one sample. */
export interface Moment {
  sample: SignalSample
  issues: Issue[]
}

/**
 * Returns what the rules say about each of the samples of a session, which are in the order of time. It
 * depends on its arguments only, so that all managers find the same, and none has to remember anything.
 * `facts` are those of the newest sample; what happens after ingest is judged at that sample only.
 */
export function review(samples: readonly SignalSample[], facts: SessionFacts): Moment[] {
  const trail = new Trail()
  const watches = signalRules.map(watchRule)
  return samples.map((sample, index) => {
    trail.add(sample)
    if (trail.length === 1) for (const watch of watches) watch.restart()
    const isShaken = isShakenAt(trail)
    const found = watches.flatMap((watch) => watch.step(trail, facts, isShaken) ?? [])
    const isNewest = index === samples.length - 1
    const delivery = isNewest ? deliveryRules.flatMap((rule) => presentIssue(rule, trail, facts) ?? []) : []
    return { sample, issues: withoutSymptoms([...found, ...delivery]) }
  })
}

/** Whether frames are missing or media is late, so that some measures are wrong. */
const isShakenAt = (trail: Trail) =>
  trail.max(10, ({ gapMs }) => gapMs) >= 1000 ||
  trail.max(10, ({ missing }) => missing) > 3 ||
  Math.abs(latenessOf(trail)) > 500 ||
  missingShareOf(trail) > 0.01

function presentIssue(rule: Rule, trail: Trail, facts: SessionFacts): Issue | undefined {
  const finding = rule.find(trail, facts)
  return finding && { code: rule.code, since: trail.newest.at, ...finding }
}

/** The worst come first, then those that have lasted longest. */
function withoutSymptoms(issues: readonly Issue[]): Issue[] {
  const present = new Set(issues.map(({ code }) => code))
  return issues
    .filter(({ code }) => !causes[code]?.some((cause) => present.has(cause)))
    .sort((one, other) =>
      one.severity === other.severity
        ? one.since - other.since
        : isWorse(one.severity, other.severity)
          ? -1
          : 1,
    )
}

/** Follows one rule from sample to sample. Each severity has its own delays. */
function watchRule(rule: Rule) {
  const latches = severities.map((severity) => ({ severity, ...newLatch() }))
  let newest: Finding | undefined

  return {
    restart(): void {
      for (const latch of latches) Object.assign(latch, newLatch())
      newest = undefined
    },

    /** Returns the issue at the newest sample of the trail, if there is one. */
    step(trail: Trail, facts: SessionFacts, isShaken: boolean): Issue | undefined {
      if (!(rule.isHeldBack && isShaken)) {
        const finding = rule.find(trail, facts)
        newest = finding ?? newest
        for (const latch of latches) {
          const isFound = finding !== undefined && !isWorse(latch.severity, finding.severity)
          moveLatch(latch, isFound, rule, trail.newest.at)
        }
      }
      const on = latches.filter(({ since }) => since !== undefined)
      const worst = on.at(-1)
      if (worst === undefined || newest === undefined) return undefined
      const since = Math.min(...on.map(({ since = 0 }) => since))
      return { code: rule.code, ...newest, severity: worst.severity, since }
    },
  }
}

interface Latch {
  /** Number of samples in a row with the finding, and without it. */
  found: number
  absent: number
  /** When the present row with the finding began, ms. */
  foundAt: number
  /** Start of the issue, ms; undefined while there is none. */
  since: number | undefined
}

const newLatch = (): Latch => ({ found: 0, absent: 0, foundAt: 0, since: undefined })

function moveLatch(latch: Latch, isFound: boolean, { inSeconds, outSeconds }: Rule, at: number): void {
  if (isFound) {
    if (latch.found === 0) latch.foundAt = at
    latch.found++
    latch.absent = 0
    if (latch.found > inSeconds) latch.since ??= latch.foundAt
  } else {
    latch.found = 0
    latch.absent++
    if (latch.absent > outSeconds) latch.since = undefined
  }
}
