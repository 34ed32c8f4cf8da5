import { median } from '../statistics.ts'

/** One figure of both contenders, and what it must be. */
export interface Comparison {
  name: string
  unit: string
  nowcast: number[]
  nginx: number[]
  /** Bounds of nowcast ÷ nginx, or of nowcast alone. */
  must?: { ratioAtLeast: number } | { ratioAtMost: number } | { atMost: number }
}

/** Medians as a Markdown table, each with its bound and whether it holds. */
export function comparisonTable(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map(({ name, unit, nowcast, nginx, must }) => {
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
    const peer = nginx.length === 0 ? ['', ''] : [`${format(theirs)} ${unit}`, ratio.toFixed(2)]
    return `| ${[name, `${format(ours)} ${unit}`, ...peer, bound, verdict].join(' | ')} |`
  })
  const head = [
    '| figure | nowcast | nginx proxy_cache | ratio | must | |',
    '| --- | --- | --- | --- | --- | --- |',
  ]
  return [...head, ...rows].join('\n')
}

const format = (value: number) =>
  Number.isInteger(value) || Math.abs(value) >= 1000 ? String(Math.round(value)) : value.toPrecision(3)
