import { quantile } from '../../figures/statistics.ts'
import type { Schedule } from '../../link/conditions.ts'
import { type FrameLog, type LoggedFrame, stallMs } from '../../stand/frame-log.ts'

/** A video rendition with its audio. */
export interface Rung {
  height: number
  kbps: number
}

/** What was recorded in a run. Times are Unix times, ms, except those of `dip`: see `Profile`. */
export interface RunFacts {
  log: FrameLog
  /** When the schedule of the link began. */
  linkedAt: number
  endedAt: number
  schedule: Schedule
  /** All renditions, lowest bitrate first. */
  ladder: readonly Rung[]
  /** When each request through the link was sent. */
  requests: readonly number[]
  /** Begin and end of the dip, ms since `linkedAt`. */
  dip?: { fromMs: number; backMs: number } | undefined
}

/** What a viewer experienced. A time is Infinity when its event did not happen. */
export interface ViewFigures {
  joinMs: number
  /** Time from the first frame to the first one of the best rendition that the link carries at any time. */
  topMs: number
  /** Share of the time after the first frame that stalls took, 0..1. */
  stalledShare: number
  stalls: number
  longestStallMs: number
  ageP50Ms: number
  ageP95Ms: number
  /** Mean bitrate on the screen, kbit/s. Stalls count as 0. */
  playedKbps: number
  /** `playedKbps` divided by the mean bitrate of the best renditions that the link could have carried. */
  carriedShare: number
  switchesUp: number
  switchesDown: number
  /**
   * Longest gap between frames within 2 s of a switch up, and of a switch down, ms. A gap that begins while
   * the link is too slow for the higher rendition is no effect of a switch up.
   */
  upGapMs: number
  downGapMs: number
  /** Number of requests through the link before the first frame. */
  joinRequests: number
  restoredMs: number
  recoveryMs: number
  score: number
}

/** Time before and after a switch within which a gap between frames counts as its effect, ms. */
const switchMs = 2000
/** Share of the link's rate that a rendition may need, 0..1. The rest is for playlists and header fields. */
const usableShare = 0.95
/** Interval at which the rate of the link is sampled, ms. */
const capacityStepMs = 50

/** A frame with the time until the next one or the end of the run, and the bitrate of its rendition. */
interface Span extends LoggedFrame {
  ms: number
  kbps: number
}

export function viewFigures(facts: RunFacts): ViewFigures {
  const { log, endedAt, ladder } = facts
  const spans = spansOf(facts)
  const lengthMs = endedAt - log.first
  const stalls = spans.filter(({ ms }) => ms >= stallMs).map(({ ms }) => ms)
  const playedKbps = sum(spans, ({ ms, kbps }) => (ms < stallMs ? ms * kbps : 0)) / lengthMs
  const capacity = capacityOf(facts)
  const top = ladder.find(({ kbps }) => kbps === capacity.maxKbps)
  const ages = log.frames.flatMap(({ ageMs }) => (ageMs === null || ageMs < 0 ? [] : [ageMs]))
  const [up, down] = switchTimes(spans)
  return {
    joinMs: log.first - log.navigated,
    topMs: firstAt(log, ({ height }) => height >= (top?.height ?? 0)) - log.first,
    stalledShare: sum(stalls, (ms) => ms) / lengthMs,
    stalls: stalls.length,
    longestStallMs: Math.max(0, ...stalls),
    ageP50Ms: quantile(ages, 0.5),
    ageP95Ms: quantile(ages, 0.95),
    playedKbps,
    carriedShare: playedKbps / capacity.meanKbps,
    switchesUp: up.length,
    switchesDown: down.length,
    upGapMs: longestGap(
      spans.filter((span) => !isOfSlowLink(facts, span)),
      up,
    ),
    downGapMs: longestGap(spans, down),
    joinRequests: facts.requests.filter((at) => at <= log.first).length,
    restoredMs: restoredAfter(facts),
    recoveryMs: recoveredAfter(facts),
    score: scoreOf(spans, ladder),
  }
}

/** Returns the figures of a run without a picture. `requests` is their number. */
export const noPicture = (requests: number): ViewFigures => ({
  joinMs: Number.POSITIVE_INFINITY,
  topMs: Number.POSITIVE_INFINITY,
  stalledShare: 1,
  stalls: 1,
  longestStallMs: Number.POSITIVE_INFINITY,
  ageP50Ms: Number.POSITIVE_INFINITY,
  ageP95Ms: Number.POSITIVE_INFINITY,
  playedKbps: 0,
  carriedShare: 0,
  switchesUp: 0,
  switchesDown: 0,
  upGapMs: 0,
  downGapMs: 0,
  joinRequests: requests,
  restoredMs: Number.POSITIVE_INFINITY,
  recoveryMs: Number.POSITIVE_INFINITY,
  score: -1,
})

/**
 * Returns the score of a view: the linear model of LoL+ (Bentaleb et al., "Catching the Moment with LoL+ in
 * Twitch-Like Low-Latency Live Streaming Platforms"). The MMSys'20 challenge used its first version.
 *
 * Per second: bitrate − Rmax × stalled time − γ × latency − Rmin × |1 − playback rate| − |switch of bitrate|.
 * Rmin and Rmax are the lowest and the highest bitrate of the ladder. γ is 0.05 Rmin up to 1.6 s of latency,
 * and 0.1 Rmax above. The mean over the view is divided by Rmax, so the best possible score is a little below
 * 1. Without frames it is −1.
 */
function scoreOf(spans: readonly Span[], ladder: readonly Rung[]): number {
  const [min, max] = [ladder[0]?.kbps ?? 0, ladder.at(-1)?.kbps ?? 1]
  let ageMs = spans.find((span) => (span.ageMs ?? -1) >= 0)?.ageMs ?? 0
  let total = 0
  let before: Span | undefined
  for (const span of spans) {
    if (span.ageMs !== null && span.ageMs >= 0) ageMs = span.ageMs
    const isStall = span.ms >= stallMs
    const latencyWeight = ageMs <= 1600 ? 0.05 * min : 0.1 * max
    const perSecond = (isStall ? -max : span.kbps) - (latencyWeight * ageMs) / 1000
    const switched = before === undefined ? 0 : Math.abs(span.kbps - before.kbps)
    total += (perSecond - min * Math.abs(1 - span.rate)) * (span.ms / 1000) - switched
    before = span
  }
  const seconds = sum(spans, ({ ms }) => ms) / 1000
  return seconds === 0 ? -1 : total / seconds / max
}

/** Returns when the viewer got a higher rendition, and when a lower one; Unix times, ms. */
function switchTimes(spans: readonly Span[]): [up: number[], down: number[]] {
  const times: [number[], number[]] = [[], []]
  spans.forEach(({ at, height }, index) => {
    const before = spans[index - 1]?.height ?? height
    if (before !== height) times[height > before ? 0 : 1].push(at)
  })
  return times
}

/**
 * Returns the longest gap between frames that overlaps the `switchMs` before or after one of `times`, ms; 0
 * without `times`.
 */
const longestGap = (spans: readonly Span[], times: readonly number[]) =>
  Math.max(
    0,
    ...times.flatMap((time) =>
      spans.filter(({ at, ms }) => at <= time + switchMs && at + ms >= time - switchMs).map(({ ms }) => ms),
    ),
  )

/**
 * Whether a gap between frames begins at a time when the link carries less than the best rendition that the
 * viewer sees within `switchMs` of it.
 */
function isOfSlowLink({ log, linkedAt, schedule, ladder }: RunFacts, { at }: Span): boolean {
  const near = log.frames.filter((frame) => Math.abs(frame.at - at) <= switchMs)
  const height = Math.max(...near.map((frame) => frame.height))
  return schedule.at(at - linkedAt).downKbps * usableShare < rungOf(ladder, height).kbps
}

function spansOf({ log, endedAt, ladder }: RunFacts): Span[] {
  const frames = log.frames.filter(({ at }) => at <= endedAt)
  return frames.map((frame, index) => ({
    ...frame,
    ms: (frames[index + 1]?.at ?? endedAt) - frame.at,
    kbps: rungOf(ladder, frame.height).kbps,
  }))
}

/** Returns the rung whose height is nearest to `height`. */
function rungOf(ladder: readonly Rung[], height: number): Rung {
  const byDistance = ladder.toSorted((a, b) => Math.abs(a.height - height) - Math.abs(b.height - height))
  return byDistance[0] ?? { height, kbps: 0 }
}

/**
 * Returns the mean and the maximum bitrate of the best renditions that the link carries during the view,
 * kbit/s.
 */
function capacityOf({ log, linkedAt, endedAt, schedule, ladder }: RunFacts) {
  const best: number[] = []
  for (let at = log.first - linkedAt; at < endedAt - linkedAt; at += capacityStepMs) {
    const { downKbps } = schedule.at(at)
    const rung = ladder.findLast(({ kbps }) => kbps <= downKbps * usableShare)
    // A link that is too slow for the lowest rendition carries part of its bitrate.
    best.push(rung?.kbps ?? Math.min(downKbps * usableShare, ladder[0]?.kbps ?? 0))
  }
  return { meanKbps: sum(best, (kbps) => kbps) / best.length, maxKbps: Math.max(...best) }
}

/**
 * Returns the time from the end of a dip until a rendition as high as before it is on the screen, ms; 0
 * without a dip.
 */
function restoredAfter({ log, linkedAt, dip }: RunFacts): number {
  if (dip === undefined) return 0
  const former = log.frames.findLast(({ at }) => at < linkedAt + dip.fromMs)?.height ?? 0
  const back = linkedAt + dip.backMs
  return firstAt(log, ({ at, height }) => at >= back && height >= former) - back
}

/** Returns the longest time from the end of an outage to the next frame, ms; 0 without an outage. */
function recoveredAfter({ log, linkedAt, endedAt, schedule }: RunFacts): number {
  const times: number[] = []
  const until = endedAt - linkedAt
  for (let at = schedule.nextChange(0), before = 0; at < until; before = at, at = schedule.nextChange(at)) {
    if (schedule.at(before).downKbps > 0 || schedule.at(at).downKbps === 0) continue
    times.push(firstAt(log, (frame) => frame.at >= linkedAt + at) - linkedAt - at)
  }
  return Math.max(0, ...times)
}

const firstAt = ({ frames }: FrameLog, isWanted: (frame: LoggedFrame) => boolean) =>
  frames.find(isWanted)?.at ?? Number.POSITIVE_INFINITY

const sum = <Item>(items: readonly Item[], amountOf: (item: Item) => number) =>
  items.reduce((total, item) => total + amountOf(item), 0)
