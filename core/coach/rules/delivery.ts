import { graded, type Rule } from '../issues/rule.ts'

/** Number of viewers from which their reports say something about the stream. */
const minViewers = 10

/**
 * Rules about what happens after ingest. Their numbers are means over some seconds already, and are known
 * for the present only, so these rules need no time of their own.
 */

const transcodeBehind: Rule = {
  code: 'transcode_behind',
  inSeconds: 0,
  outSeconds: 0,
  find(_, { health }) {
    if (!health) return undefined
    const { behindMs, overloaded } = health
    return graded(behindMs, 0, { isError: behindMs > 5000, isWarning: overloaded })
  },
}

const viewersStalling: Rule = {
  code: 'viewers_stalling',
  inSeconds: 0,
  outSeconds: 0,
  find(_, { viewers: { count, stallRatio } }) {
    if (stallRatio === null || count < minViewers) return undefined
    const limits = { isError: stallRatio > 0.1, isWarning: stallRatio > 0.02 }
    return graded(Math.round(stallRatio * 1000) / 10, 0, limits)
  },
}

/** A quarter of the players has less throughput than the lowest rendition needs. */
const viewersCannotFollow: Rule = {
  code: 'viewers_cannot_follow',
  inSeconds: 0,
  outSeconds: 0,
  find(_, { viewers: { count, lowThroughput }, renditions }) {
    const bandwidths = renditions.flatMap(({ kind, bandwidth }) =>
      kind === 'video' && bandwidth !== null ? [bandwidth] : [],
    )
    if (lowThroughput === null || count < minViewers || bandwidths.length === 0) return undefined
    const needed = Math.round(1.1 * Math.min(...bandwidths))
    return graded(Math.round(lowThroughput), needed, { isInfo: lowThroughput < needed })
  },
}

export const deliveryRules: readonly Rule[] = [transcodeBehind, viewersStalling, viewersCannotFollow]
