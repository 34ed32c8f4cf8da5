import { median } from '../../figures/statistics.ts'
import { type Figure, repeated } from '../../figures/table.ts'

/** Samples of one figure for all contenders, and the bound of its median. */
export interface Comparison {
  name: string
  unit: string
  nowcast: number[]
  nginx: number[]
  /** Samples of the tuned nginx. Empty when it was not measured. */
  tuned: number[]
  /** Bound of the ratio nowcast ÷ nginx, or of nowcast alone, in `unit`. */
  must?: { ratioAtLeast: number } | { ratioAtMost: number } | { atMost: number }
}

/** Returns a Markdown table of medians. A ratio is nowcast divided by the other contender. */
export function comparisonTable(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map(({ name, unit, nowcast, nginx, tuned, must }) => {
    const [ours, theirs] = [median(nowcast), median(nginx)]
    const ratio = ours / theirs
    const [bound, holds] =
      must === undefined
        ? ['', undefined]
        : 'ratioAtLeast' in must
          ? [`≥ ${must.ratioAtLeast} × nginx`, ratio >= must.ratioAtLeast]
          : 'ratioAtMost' in must
            ? [`≤ ${must.ratioAtMost} × nginx`, ratio <= must.ratioAtMost]
            : [`≤ ${must.atMost} ${unit}`, ours <= must.atMost]
    const verdict = holds === undefined ? '' : holds ? 'holds' : 'missed'
    const peer = [nginx, tuned].flatMap((values) => peerCells(ours, values, unit))
    return `| ${[name, `${format(ours)} ${unit}`, ...peer, bound, verdict].join(' | ')} |`
  })
  const head = [
    '| figure | nowcast | nginx proxy_cache | ratio | the same, tuned | ratio | must | |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
  ]
  return [...head, ...rows].join('\n')
}

/** Returns one figure for each contender. Only those of nowcast have a better direction. */
export function comparisonFigures({ name, unit, must, ...samples }: Comparison): Figure[] {
  const better = must !== undefined && 'ratioAtLeast' in must ? 'higher' : 'lower'
  const ours = must !== undefined && 'atMost' in must ? { atMost: must.atMost } : { better }
  const peers = (['nginx', 'tuned'] as const).filter((peer) => samples[peer].length > 0)
  return [
    repeated(`${name}, nowcast`, unit, samples.nowcast, ours as Pick<Figure, 'better' | 'atMost'>),
    ...peers.map((peer) => repeated(`${name}, ${peer}`, unit, samples[peer])),
  ]
}

/** Returns cells for the median of a contender and for `ours` divided by it; both empty without samples. */
function peerCells(ours: number, values: number[], unit: string): string[] {
  return values.length === 0
    ? ['', '']
    : [`${format(median(values))} ${unit}`, (ours / median(values)).toFixed(2)]
}

const format = (value: number) =>
  Number.isInteger(value) || Math.abs(value) >= 1000 ? String(Math.round(value)) : value.toPrecision(3)
