import { graded, type Rule } from '../issues/rule.ts'
import { quantileOf, type Trail } from '../signal/trail.ts'

/** Keyframe interval that suits every player and every latency, ms. */
const wantedMs = 2000
/** Tolerance of an interval: rounded timestamps, and frame rates that are no whole number. */
const tolerance = 1.1
/** Maximum number of GOPs that other rules look at. */
const spreadGops = 10

const lengthsOf = ({ gops }: Trail) => gops.map(([lengthMs]) => lengthMs)

/** Returns the length that the last two GOPs exceed, ms; 0 when there are not two yet. */
function steadyLength(trail: Trail): number {
  const lengths = lengthsOf(trail).slice(-2)
  return lengths.length < 2 ? 0 : Math.min(...lengths)
}

/** Two long GOPs, or an open one of which the length is already certain. */
const long: Rule = {
  code: 'keyframe_interval_long',
  inSeconds: 0,
  outSeconds: 10,
  isHeldBack: true,
  find(trail) {
    const { gopAgeMs } = trail.newest
    const ms = Math.max(steadyLength(trail), gopAgeMs > 8000 ? gopAgeMs : 0)
    return graded(ms, wantedMs, { isError: ms > 8000, isWarning: ms > 4000 * tolerance })
  },
}

const highForLatency: Rule = {
  code: 'keyframe_interval_high_for_latency',
  inSeconds: 0,
  outSeconds: 10,
  isHeldBack: true,
  find(trail, { latency }) {
    const ms = steadyLength(trail)
    return graded(ms, wantedMs, { isInfo: latency !== 'standard' && ms > wantedMs * tolerance })
  },
}

const short: Rule = {
  code: 'keyframe_interval_short',
  inSeconds: 10,
  outSeconds: 10,
  isHeldBack: true,
  find(trail) {
    const lengths = lengthsOf(trail)
    const ms = quantileOf(lengths, 0.5)
    return graded(ms, wantedMs, { isInfo: lengths.length >= 5 && ms * tolerance < 1000 })
  },
}

const unsteady: Rule = {
  code: 'keyframe_interval_unsteady',
  inSeconds: 0,
  outSeconds: 10,
  isHeldBack: true,
  find(trail) {
    const lengths = lengthsOf(trail)
    const most = Math.max(0, ...lengths)
    const isUnsteady = lengths.length === spreadGops && most > 1.5 * quantileOf(lengths, 0.5)
    return graded(most, wantedMs, { isWarning: isUnsteady })
  },
}

/** Time in which open GOPs are counted, s. */
const openSeconds = 30

/** At least two, because a single one may come from a change of the scene. */
const open: Rule = {
  code: 'open_gop',
  inSeconds: 0,
  outSeconds: 0,
  find(trail) {
    const count = trail.sum(openSeconds, ({ openGops }) => openGops)
    return graded(count, 0, { isWarning: count >= 2 })
  },
}

export const keyframeRules: readonly Rule[] = [long, highForLatency, short, unsteady, open]
