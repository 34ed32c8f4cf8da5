import { median } from '../statistics.ts'

/** One figure of all contenders, and what it must be. */
export interface Comparison {
  name: string
  unit: string
  nowcast: number[]
  nginx: number[]
  /** Of a tuned nginx. */
  tuned: number[]
  /** Bounds of nowcast ÷ nginx, or of nowcast alone. */
  must?: { ratioAtLeast: number } | { ratioAtMost: number } | { atMost: number }
}

/** Medians as a Markdown table, each with its bound and whether it holds. */
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
    const peer = [nginx, tuned].flatMap((values) => besides(ours, values, unit))
    return `| ${[name, `${format(ours)} ${unit}`, ...peer, bound, verdict].join(' | ')} |`
  })
  const head = [
    '| figure | nowcast | nginx proxy_cache | ratio | the same, tuned | ratio | must | |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
  ]
  return [...head, ...rows].join('\n')
}

/** A peer's median, and ours by it. */
function besides(ours: number, values: number[], unit: string): string[] {
  return values.length === 0
    ? ['', '']
    : [`${format(median(values))} ${unit}`, (ours / median(values)).toFixed(2)]
}

const format = (value: number) =>
  Number.isInteger(value) || Math.abs(value) >= 1000 ? String(Math.round(value)) : value.toPrecision(3)
