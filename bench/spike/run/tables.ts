import type { KneeResult } from './campaign.ts'
import type { RunResult } from './result.ts'

/** A figure of a run that is compared. */
export interface RunFigure {
  name: string
  unit: string
  of(result: RunResult): number
  digits: number
}

export const runFigures: readonly RunFigure[] = [
  { name: "newcomers' join, p50", unit: 'ms', digits: 0, of: ({ newcomers }) => newcomers.joinP50 },
  { name: "newcomers' join, p95", unit: 'ms', digits: 0, of: ({ newcomers }) => newcomers.joinP95 },
  { name: "newcomers' join, p99", unit: 'ms', digits: 0, of: ({ newcomers }) => newcomers.joinP99 },
  {
    name: 'newcomers without a picture',
    unit: '%',
    digits: 1,
    of: ({ newcomers }) => (100 * newcomers.failed) / Math.max(1, newcomers.count),
  },
  { name: 'newcomers asked to come later', unit: '', digits: 0, of: ({ newcomers }) => newcomers.refused },
  { name: "insiders' rebuffering", unit: '%', digits: 2, of: ({ insiders }) => 100 * insiders.rebuffering },
  {
    name: "newcomers' rebuffering",
    unit: '%',
    digits: 2,
    of: ({ newcomers }) => 100 * newcomers.rebuffering,
  },
  { name: "insiders' latency, p50", unit: 'ms', digits: 0, of: ({ insiders }) => insiders.latencyP50 },
  { name: "insiders' latency, p95", unit: 'ms', digits: 0, of: ({ insiders }) => insiders.latencyP95 },
  { name: 'requests', unit: '/s', digits: 0, of: ({ perSecond }) => perSecond.requests },
  { name: 'bodies', unit: 'Mbit/s', digits: 0, of: ({ perSecond }) => perSecond.mbit },
  { name: 'requests at the origin', unit: '/s', digits: 0, of: ({ perSecond }) => perSecond.originRequests },
  {
    name: 'origin requests for each version',
    unit: '',
    digits: 2,
    of: ({ originPerVersion }) => originPerVersion,
  },
  { name: 'CPU of the servers', unit: 'cores', digits: 2, of: ({ serverCpu }) => serverCpu },
  { name: 'CPU for each viewer-hour', unit: 's', digits: 1, of: ({ cpuPerViewerHour }) => cpuPerViewerHour },
  { name: 'CPU for each GB', unit: 's', digits: 1, of: ({ cpuPerGb }) => cpuPerGb },
  { name: 'memory for 1000 viewers', unit: 'MB', digits: 0, of: ({ memoryPer1000 }) => memoryPer1000 / 1e6 },
  { name: '99 % well after', unit: 's', digits: 0, of: ({ wellAfter }) => wellAfter },
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
  if (upTo === Number.POSITIVE_INFINITY) return `≥ ${viewers}`
  const atLimit = runs.some(({ viewers: size, isGeneratorLimited }) => size === upTo && isGeneratorLimited)
  return `${atLimit ? '≥ ' : ''}${viewers} (not ${upTo})`
}

export const formatFigure = (value: number, { unit, digits }: RunFigure): string =>
  Number.isFinite(value) ? `${value.toFixed(digits)} ${unit}`.trim() : Number.isNaN(value) ? '' : 'never'

/**
 * Returns the spread of a figure over runs of the same crowd, relative to its median, 0..1; NaN for fewer
 * than two runs. Void runs, and those that the generator limited, do not count.
 */
export function noiseOf(figure: RunFigure, same: readonly RunResult[]): number {
  const values = same
    .filter(({ isVoid, isGeneratorLimited }) => isVoid === undefined && !isGeneratorLimited)
    .map((run) => figure.of(run))
    .toSorted((one, other) => one - other)
  const [low = Number.NaN, middle = Number.NaN] = [values[0], values[values.length >> 1]]
  const high = values.at(-1) ?? Number.NaN
  if (values.length < 2) return Number.NaN
  return high === low ? 0 : (high - low) / Math.abs(middle)
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
