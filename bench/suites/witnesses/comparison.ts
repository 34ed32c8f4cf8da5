import { mean, median } from '../../figures/statistics.ts'
import type { Figure } from '../../figures/table.ts'
import type { ViewerKind } from '../../viewer/viewer-options.ts'
import type { Experience } from './witness.ts'

/** Viewers of one run. */
export interface Observed {
  real: readonly Experience[]
  simulated: readonly Experience[]
}

/** Largest difference between simulated and real viewers, percent of the real ones. */
const maxDifference = 15
/** Largest difference of the stalled time, percentage points, because a share of 0 has no relative one. */
const maxStallDifference = 0.5

/**
 * Returns what both kinds of viewers of a player experienced in the crowd. A simulated viewer joins when it
 * has the media, and a browser decodes it first: `few` shows how long that takes, and the time is added to
 * the joins of simulated viewers.
 */
export function compareKind(
  kind: ViewerKind,
  { few, crowd }: Record<'few' | 'crowd', readonly Observed[]>,
): Figure[] {
  const of = (runs: readonly Observed[], group: keyof Observed) =>
    runs.flatMap((each) => each[group]).filter((each) => each.kind === kind)
  const [real, simulated] = [of(crowd, 'real'), of(crowd, 'simulated')]
  const browserMs = joinOf(of(few, 'real')) - joinOf(of(few, 'simulated'))
  return [
    { name: `${kind}: time of the browser itself in a join`, value: Math.round(browserMs), unit: 'ms' },
    ...compare(`${kind}: join, median`, joinOf(real), joinOf(simulated) + browserMs),
    ...compare(`${kind}: latency, median`, latencyOf(real), latencyOf(simulated)),
    { name: `${kind}: stalled, real`, value: stalledOf(real), unit: '%' },
    { name: `${kind}: stalled, simulated`, value: stalledOf(simulated), unit: '%' },
    {
      name: `${kind}: stalled, difference`,
      value: Math.abs(stalledOf(simulated) - stalledOf(real)),
      unit: 'percentage points',
      atMost: maxStallDifference,
    },
  ]
}

/** Returns a time of both, and the difference. */
const compare = (what: string, real: number, simulated: number): Figure[] => [
  { name: `${what}, real`, value: Math.round(real), unit: 'ms' },
  { name: `${what}, simulated`, value: Math.round(simulated), unit: 'ms' },
  {
    name: `${what}, difference`,
    value: (100 * Math.abs(simulated - real)) / real,
    unit: '%',
    atMost: maxDifference,
  },
]

const joinOf = (group: readonly Experience[]) => median(group.map(({ joinMs }) => joinMs))
const latencyOf = (group: readonly Experience[]) => median(group.flatMap(({ latenciesMs }) => latenciesMs))
/** Returns the mean stalled time, percent. */
const stalledOf = (group: readonly Experience[]) => 100 * mean(group.map(({ stalledShare }) => stalledShare))
