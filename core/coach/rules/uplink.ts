import { graded, type Rule } from '../issues/rule.ts'
import type { SignalSample } from '../signal/signal-sample.ts'
import { meanOf, quantileOf, type Trail } from '../signal/trail.ts'

/** Time over which the usual drift is averaged, s. */
const driftSeconds = 30
/** Lead over the wall clock above which media counts as too fast, ms. */
const maxLeadMs = 2000
/** Minimum ratio of the time that a GOP takes to arrive to its length at which the uplink is saturated. */
const saturatedFrom = 1.03
/** Minimum number of missing frames: fewer may be a single hiccup of the encoder. */
const minMissing = 5
/** Spread of frame distances above which a source has no steady rate, so that no frame can be missing. */
const variableSpread = 0.1
/** Time in which reconnects are counted, ms. */
const reconnectMs = 600_000

/** Returns the deviation of the drift from its mean, ms. Media is late when it is positive. */
export const latenessOf = (trail: Trail) =>
  trail.newest.driftMs - trail.mean(driftSeconds, ({ driftMs }) => driftMs)

/** Returns the share of frames that is missing, 0 to 1; 0 for a source without a steady rate. */
export function missingShareOf(trail: Trail): number {
  if (trail.mean(20, ({ spread }) => spread) > variableSpread) return 0
  const missing = trail.sum(60, (sample) => sample.missing)
  const frames = trail.sum(60, (sample) => sample.frames)
  return missing < minMissing ? 0 : missing / (frames + missing)
}

const starved: Rule = {
  code: 'starved',
  inSeconds: 0,
  outSeconds: 5,
  find({ newest: { gapMs, fps } }) {
    // A picture that rarely changes may have two frames per second or fewer, and no sound.
    const silentMs = gapMs - (fps > 0 && fps <= 2 ? 2000 / fps : 0)
    return graded(gapMs, 0, { isError: silentMs >= 3000, isWarning: silentMs >= 1000 })
  },
}

/** The drift of a sample is that of its least delayed packet, so two samples are enough. */
const behind: Rule = {
  code: 'uplink_behind',
  inSeconds: 1,
  outSeconds: 10,
  find(trail) {
    const lateMs = latenessOf(trail)
    return graded(Math.round(lateMs), 0, { isError: lateMs > 1000, isWarning: lateMs > 500 })
  },
}

/**
 * An encoder sends each GOP in about its length, so a saturated uplink shows as several GOPs in a row that
 * take longer.
 */
const saturated: Rule = {
  code: 'uplink_saturated',
  inSeconds: 0,
  outSeconds: 10,
  find({ gops }) {
    const last = gops.slice(-3)
    const ratios = last.map(([lengthMs, receivedMs]) => receivedMs / Math.max(1, lengthMs))
    const lateMs = last.reduce((sum, [lengthMs, receivedMs]) => sum + receivedMs - lengthMs, 0)
    const isSaturated = last.length === 3 && Math.min(...ratios) >= saturatedFrom && lateMs >= 200
    const ratio = meanOf(ratios)
    return graded(Math.round(ratio * 100), 100, {
      isError: isSaturated && ratio >= 1.2,
      isWarning: isSaturated,
    })
  },
}

/**
 * Media leads the smallest drift of the time before the last 30 s. A backlog that arrives at once does not:
 * it only catches up.
 */
const tooFast: Rule = {
  code: 'faster_than_realtime',
  inSeconds: 5,
  outSeconds: 10,
  find(trail) {
    if (trail.length < 10) return undefined
    const leadMs = trail.leastDrift(Math.min(driftSeconds, trail.length >> 1)) - trail.newest.driftMs
    return graded(Math.round(leadMs), 0, { isWarning: leadMs > maxLeadMs })
  },
}

const jitter: Rule = {
  code: 'jitter_high',
  inSeconds: 10,
  outSeconds: 20,
  find({ newest: { jitterMs } }) {
    return graded(jitterMs, 50, { isWarning: jitterMs > 300, isInfo: jitterMs > 100 })
  },
}

const framesMissing: Rule = {
  code: 'frames_missing',
  inSeconds: 10,
  outSeconds: 30,
  find(trail) {
    const percent = Math.round(missingShareOf(trail) * 1000) / 10
    return graded(percent, 0, { isError: percent > 5, isWarning: percent > 1 })
  },
}

/**
 * A bitrate that varies and falls. Calm scenes look the same, so media must also have been late meanwhile.
 * Rates are of two seconds or of a GOP, whose keyframe is larger than other frames.
 */
const unstable: Rule = {
  code: 'bitrate_unstable',
  inSeconds: 15,
  outSeconds: 30,
  find(trail) {
    if (trail.length < 30) return undefined
    const driftOf = ({ driftMs }: SignalSample) => driftMs
    if (Math.max(...trail.last(driftSeconds, driftOf)) - trail.mean(driftSeconds, driftOf) < 80)
      return undefined
    const size = Math.min(6, Math.max(2, Math.ceil((trail.gops.at(-1)?.[0] ?? 2000) / 1000)))
    const rates = blocksOf(
      trail.last(30, ({ video }) => video),
      size,
    )
    const mean = meanOf(rates)
    const deviation = Math.sqrt(meanOf(rates.map((rate) => (rate - mean) ** 2)))
    const variation = mean === 0 ? 0 : deviation / mean
    const half = rates.length >> 1
    const isFalling = meanOf(rates.slice(half)) < 0.9 * meanOf(rates.slice(0, half))
    return graded(Math.round(variation * 100), 10, { isWarning: variation > 0.35 && isFalling })
  },
}

/** Returns the means of blocks of `size` values; without values at the end that fill no block. */
const blocksOf = (values: readonly number[], size: number) =>
  Array.from({ length: Math.floor(values.length / size) }, (_, block) =>
    meanOf(values.slice(block * size, (block + 1) * size)),
  )

const jump: Rule = {
  code: 'timestamps_jump',
  inSeconds: 0,
  outSeconds: 0,
  find(trail) {
    const jumps = trail.sum(10, (sample) => sample.jumps)
    return graded(jumps, 0, { isError: jumps > 0 })
  },
}

const skew: Rule = {
  code: 'av_skew',
  inSeconds: 10,
  outSeconds: 10,
  find(trail) {
    if (Math.abs(trail.newest.skewMs) <= 200) return undefined
    const recent = trail.last(5, (sample) => sample.skewMs)
    const skewMs = Math.round(Math.abs(quantileOf(recent, 0.5)))
    return graded(skewMs, 0, { isError: skewMs > 1000, isWarning: skewMs > 200 })
  },
}

const reconnects: Rule = {
  code: 'reconnects',
  inSeconds: 0,
  outSeconds: 0,
  find({ returns, newest: { at } }) {
    const recent = returns.filter((time) => time > at - reconnectMs).length
    return graded(recent, 0, { isWarning: recent >= 3 })
  },
}

export const uplinkRules: readonly Rule[] = [
  starved,
  behind,
  saturated,
  tooFast,
  jitter,
  framesMissing,
  unstable,
  jump,
  skew,
  reconnects,
]
