import type { TranscodeHealth } from '../../contracts/live-records.ts'
import type { Latency } from '../../media/latency.ts'
import type { Rendition, Source } from '../../media/source.ts'
import type { Trail } from '../signal/trail.ts'
import type { Figure, Finding, IssueCode } from './issue.ts'

/** What is known of a session beside its samples. */
export interface SessionFacts {
  latency: Latency
  source: Source | null
  renditions: readonly Rendition[]
  /** Null while it is not transcoded. */
  health: TranscodeHealth | null
  viewers: Audience
}

/** How playback goes for the viewers in about the last minute. */
interface Audience {
  count: number
  /** Share of the time that playback stalled, 0 to 1; null without reports of players. */
  stallRatio: number | null
  /** Throughput, bits/s, that three quarters of the players exceed; null without reports. */
  lowThroughput: number | null
}

/** A check of the signal. It compares with what was measured, never with what a publisher declares. */
export interface Rule {
  code: IssueCode
  /** Number of seconds for which the finding must last before it is an issue. */
  inSeconds: number
  /** Number of seconds without the finding after which the issue is over. */
  outSeconds: number
  /**
   * Whether the rule is held back while frames are missing or media is late, because its measures are then
   * wrong: nothing becomes an issue, and no issue ends.
   */
  isHeldBack?: boolean
  find(trail: Trail, facts: SessionFacts): Finding | undefined
}

/** Returns a finding whose severity depends on limits; undefined when `isOver` is false for all of them. */
export function graded(
  measured: Figure,
  wanted: Figure,
  { isError = false, isWarning = false, isInfo = false },
): Finding | undefined {
  const severity = isError ? 'error' : isWarning ? 'warning' : isInfo ? 'info' : undefined
  return severity && { severity, measured, wanted }
}
