import type { IssueView, SampleView } from '../../core/api/health.ts'
import {
  type Issue,
  type IssueCode,
  isWorse,
  type Severity,
  unitOfCode,
  type Verdict,
  verdictOf,
} from '../../core/coach/issues/issue.ts'
import type { SignalSample } from '../../core/coach/signal/signal-sample.ts'
import { type Language, sentencesOf } from '../../core/coach/texts/sentences.ts'
import { type StoredIssue, stepMs } from '../store/signal-history.ts'

const timeText = (ms: number) => new Date(ms).toISOString()

/** Returns an issue that is present at `now`, ms since the epoch. */
export const presentIssue = (issue: Issue, now: number, language: Language): IssueView => ({
  code: issue.code,
  severity: issue.severity,
  since: timeText(issue.since),
  until: null,
  seconds: Math.max(0, Math.round((now - issue.since) / 1000)),
  measured: issue.measured,
  wanted: issue.wanted,
  unit: unitOfCode[issue.code],
  ...sentencesOf(issue, language),
})

/** One issue over a whole session: its first and last step, their number, and its worst figures. */
interface PastIssue extends StoredIssue {
  since: number
  until: number
  steps: number
}

/** Sums up the issues in the steps of a session. Those of the worst severity come first, then the longest. */
export function pastIssues(found: readonly { at: number; issues: readonly StoredIssue[] }[]): PastIssue[] {
  const byCode = new Map<IssueCode, PastIssue>()
  for (const { at, issues } of found)
    for (const issue of issues) {
      const former = byCode.get(issue.code)
      const until = at + stepMs
      if (former === undefined) byCode.set(issue.code, { ...issue, since: at, until, steps: 1 })
      else
        byCode.set(issue.code, {
          ...(isWorse(issue.severity, former.severity) ? issue : former),
          since: former.since,
          until,
          steps: former.steps + 1,
        })
    }
  return [...byCode.values()].sort((one, other) =>
    one.severity === other.severity
      ? other.steps - one.steps
      : isWorse(one.severity, other.severity)
        ? -1
        : 1,
  )
}

/** Share of a session that an issue must have lasted to change the verdict on it. */
const minShare = 0.02

/** Returns the verdict on a session of `steps` steps. A short issue in a long show does not count. */
export function pastVerdict(issues: readonly PastIssue[], steps: number): Verdict {
  if (steps === 0) return 'none'
  return verdictOf(issues.filter((issue) => issue.steps >= minShare * steps))
}

export const pastIssueView = (issue: PastIssue, language: Language): IssueView => ({
  code: issue.code,
  severity: issue.severity satisfies Severity,
  since: timeText(issue.since),
  until: timeText(issue.until),
  seconds: (issue.steps * stepMs) / 1000,
  measured: issue.measured,
  wanted: issue.wanted,
  unit: unitOfCode[issue.code],
  ...sentencesOf(issue, language),
})

/** Returns samples as the API shows them. A sample in which no GOP ended has the length of the one before. */
export function sampleViews(samples: readonly SignalSample[]): SampleView[] {
  let publish = 0
  let leastDrift = 0
  let gopMs: number | null = null
  return samples.map((sample) => {
    if (sample.publish !== publish) {
      publish = sample.publish
      leastDrift = Math.min(
        ...samples.filter((each) => each.publish === publish).map(({ driftMs }) => driftMs),
      )
      gopMs = null
    }
    gopMs = sample.gops.at(-1)?.[0] ?? gopMs
    return {
      at: timeText(sample.at),
      videoBitrate: sample.video,
      audioBitrate: sample.audio,
      frames: sample.frames,
      missingFrames: sample.missing,
      gapMs: sample.gapMs,
      lateMs: sample.driftMs - leastDrift,
      jitterMs: sample.jitterMs,
      gopMs,
    }
  })
}
