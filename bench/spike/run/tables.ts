import { highest, mean, median } from '../../figures/statistics.ts'
import type { KneeResult } from './campaign.ts'
import type { RunResult } from './result.ts'

/** A figure of a run that is compared. */
export interface RunFigure {
  name: string
  unit: string
  of(result: RunResult): number
  digits: number
  better?: 'lower' | 'higher'
  /** Whether it is one for each viewer, so that crowds of different sizes can be compared. */
  isPerViewer?: boolean
}

const lower = 'lower'

/** Mean number of viewers present. */
const meanPresent = ({ samples }: RunResult): number =>
  mean(samples.map(({ insiders, newcomers }) => insiders.present + newcomers.present))

/** Share of the requests that the origin did not see. */
const hitRatio = ({ perSecond: { requests, originRequests } }: RunResult): number =>
  1 - originRequests / requests

/** Returns a function with a percentile of the lateness. */
const latenessOf =
  (percentile: number) =>
  ({ lateness: { points } }: RunResult): number =>
    points.find(([each]) => each === percentile)?.[1] ?? Number.NaN

const newcomersFigures: readonly RunFigure[] = [
  { name: "newcomers' join, p50", unit: 'ms', digits: 0, better: lower, of: (run) => run.newcomers.joinP50 },
  { name: "newcomers' join, p95", unit: 'ms', digits: 0, better: lower, of: (run) => run.newcomers.joinP95 },
  { name: "newcomers' join, p99", unit: 'ms', digits: 0, better: lower, of: (run) => run.newcomers.joinP99 },
  {
    ...{ name: 'newcomers without a picture', unit: '%', digits: 1, better: lower },
    of: ({ newcomers }) => (100 * newcomers.failed) / Math.max(1, newcomers.count),
  },
  { name: 'newcomers asked to come later', unit: '', digits: 0, of: ({ newcomers }) => newcomers.refused },
]

/** Returns the figures that both groups have. */
const groupFigures = (group: 'insiders' | 'newcomers'): RunFigure[] => [
  {
    ...{ name: `${group}' rebuffering`, unit: '%', digits: 2, better: lower },
    of: (run) => 100 * run[group].rebuffering,
  },
  {
    ...{ name: `${group} with a stall`, unit: '%', digits: 1, better: lower },
    of: (run) => 100 * run[group].withStall,
  },
  {
    ...{ name: `longest stalls of one of the ${group}`, unit: 's', digits: 1, better: lower },
    of: (run) => run[group].worstStallMs / 1000,
  },
  {
    name: `${group}' latency, p50`,
    unit: 'ms',
    digits: 0,
    better: lower,
    of: (run) => run[group].latencyP50,
  },
  {
    name: `${group}' latency, p95`,
    unit: 'ms',
    digits: 0,
    better: lower,
    of: (run) => run[group].latencyP95,
  },
]

const serverFigures: readonly RunFigure[] = [
  { name: 'requests', unit: '/s', digits: 0, of: ({ perSecond }) => perSecond.requests },
  {
    ...{ name: 'requests of each viewer', unit: '/s', digits: 2, isPerViewer: true, better: lower },
    of: (run) => run.perSecond.requests / meanPresent(run),
  },
  { name: 'bodies', unit: 'Mbit/s', digits: 0, of: ({ perSecond }) => perSecond.mbit },
  {
    ...{ name: 'bodies of each viewer', unit: 'kbit/s', digits: 0, isPerViewer: true },
    of: (run) => (1000 * run.perSecond.mbit) / meanPresent(run),
  },
  {
    ...{ name: 'requests at the origin', unit: '/s', digits: 0, better: lower },
    of: ({ perSecond }) => perSecond.originRequests,
  },
  { name: 'requests that the origin does not see', unit: '%', digits: 2, of: (run) => 100 * hitRatio(run) },
  { name: 'traffic at the origin', unit: 'Mbit/s', digits: 1, of: ({ perSecond }) => perSecond.originMbit },
  {
    ...{ name: 'origin requests for each version', unit: '', digits: 2, better: lower },
    of: ({ originPerVersion }) => originPerVersion,
  },
  { name: 'CPU of the servers', unit: 'cores', digits: 2, of: ({ serverCpu }) => serverCpu },
  {
    ...{ name: 'CPU for each viewer-hour', unit: 's', digits: 1, isPerViewer: true, better: lower },
    of: ({ cpuPerViewerHour }) => cpuPerViewerHour,
  },
  {
    ...{ name: 'CPU for each GB', unit: 's', digits: 1, isPerViewer: true, better: lower },
    of: ({ cpuPerGb }) => cpuPerGb,
  },
  {
    ...{ name: 'memory for 1000 viewers', unit: 'MB', digits: 0, better: lower },
    of: ({ memoryPer1000 }) => memoryPer1000 / 1e6,
  },
  { name: 'lateness of new playlists, p50', unit: 'ms', digits: 1, better: lower, of: latenessOf(50) },
  { name: 'lateness of new playlists, p99', unit: 'ms', digits: 1, better: lower, of: latenessOf(99) },
  { name: 'lateness of new playlists, p99.9', unit: 'ms', digits: 1, better: lower, of: latenessOf(99.9) },
  {
    ...{ name: "longest delay of a server's event loop", unit: 'ms', digits: 0, better: lower },
    of: ({ samples }) => highest(samples.map(({ serverLagMs }) => serverLagMs)),
  },
  { name: 'drift of the latency', unit: 'ms', digits: 0, of: ({ latencyDriftMs }) => latencyDriftMs },
  {
    ...{ name: 'event loop of the generator, p99 of its delay', unit: 'ms', digits: 0 },
    of: ({ generator }) => generator.lagP99Ms,
  },
  { name: '99 % well after', unit: 's', digits: 0, better: lower, of: ({ wellAfter }) => wellAfter },
]

export const runFigures: readonly RunFigure[] = [
  ...newcomersFigures,
  ...groupFigures('insiders'),
  ...groupFigures('newcomers'),
  ...serverFigures,
]

/** Returns the run that shows an architecture: the largest crowd that it served, else the smallest one. */
export function shownRun({ knee, runs }: KneeResult): RunResult | undefined {
  const sorted = runs.toSorted((one, other) => one.viewers - other.viewers)
  return sorted.findLast(({ viewers }) => viewers <= knee.viewers) ?? sorted[0]
}

/**
 * Returns the knee as text. The real one is below the smallest crowd that was not served, unless the
 * generator was at its limit there.
 */
export function kneeText({ knee, runs }: KneeResult): string {
  const { viewers, upTo } = knee
  if (runs.length === 0) return 'all runs void'
  const text = upTo === Number.POSITIVE_INFINITY ? `${viewers}` : `${viewers} (not ${upTo})`
  return isLowerBound({ knee, runs }) ? `≥ ${text}` : text
}

/** Whether a knee may be higher: no crowd was too large, or only because the generator was at its limit. */
export const isLowerBound = ({ knee: { upTo }, runs }: Pick<KneeResult, 'knee' | 'runs'>): boolean =>
  upTo === Number.POSITIVE_INFINITY ||
  runs.some(({ viewers, isGeneratorLimited }) => viewers === upTo && isGeneratorLimited)

export const formatFigure = (value: number, { unit, digits }: Pick<RunFigure, 'unit' | 'digits'>): string =>
  Number.isFinite(value) ? `${value.toFixed(digits)} ${unit}`.trim() : Number.isNaN(value) ? '' : 'never'

/** Returns the repeated runs that count, those of each architecture together. */
export function repeatedRuns(same: readonly RunResult[]): RunResult[][] {
  const counted = same.filter(({ isVoid, isGeneratorLimited }) => isVoid === undefined && !isGeneratorLimited)
  return [...Map.groupBy(counted, ({ architecture, viewers }) => `${architecture} ${viewers}`).values()]
}

/**
 * Returns the spread of a figure over runs with the same architecture and crowd, relative to its median,
 * 0..1: the largest one of all repeated architectures. NaN when none was repeated. Runs that are void, or
 * limited by the generator, do not count.
 */
export function noiseOf(figure: RunFigure, same: readonly RunResult[]): number {
  const spreads = repeatedRuns(same)
    .filter(({ length }) => length > 1)
    .map((runs) => spreadOf(runs.map((run) => figure.of(run))))
    .filter((spread) => !Number.isNaN(spread))
  return spreads.length === 0 ? Number.NaN : Math.max(...spreads)
}

function spreadOf(values: readonly number[]): number {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return high === low ? 0 : (high - low) / Math.abs(median(values))
}

/** Returns a Markdown table with one column for each architecture, and the noise of each figure. */
export function kneeTable(knees: readonly KneeResult[], same: readonly RunResult[]): string {
  const head = ['figure', ...knees.map(({ architecture }) => architecture.id), 'noise']
  const rows = runFigures.map((figure) => {
    const cells = knees.map((each) => {
      const run = shownRun(each)
      return run === undefined ? '' : formatFigure(figure.of(run), figure)
    })
    const noise = noiseOf(figure, same)
    return [figure.name, ...cells, Number.isFinite(noise) ? `± ${(50 * noise).toFixed(0)} %` : '']
  })
  const lines = [head, head.map(() => '---'), ['knee, viewers', ...knees.map(kneeText), ''], ...rows]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
