import { median } from './statistics.ts'

/** A figure, as every suite declares it. Its name is the same in each run, so that runs can be compared. */
export interface Figure {
  name: string
  value: number
  unit: string
  /** What else is worth knowing about this run. It follows the name in parentheses. */
  detail?: string
  /** Maximum of `value`. Without it, the figure is shown without a verdict. */
  atMost?: number
  /** Which direction is an improvement. A figure with a maximum is better when it is lower. */
  better?: 'lower' | 'higher'
  /** Results of repeated measurements. Their median is `value`. */
  repeats?: readonly number[]
  /** Largest difference between two runs that means nothing, if there are no repeats. In `unit`. */
  noise?: number
  /** Whether the true value may be higher, because more was not tried. */
  isLowerBound?: boolean
}

/** Returns a figure whose value is the median of repeated measurements. */
export const repeated = (
  name: string,
  unit: string,
  repeats: readonly number[],
  more: Pick<Figure, 'atMost' | 'better' | 'detail'> = {},
): Figure => ({ name, unit, value: median(repeats), repeats, ...more })

/** Returns a Markdown table. A figure with a maximum is marked as `holds` or `missed`. */
export function figureTable(figures: readonly Figure[]): string {
  const hasRepeats = figures.some(({ repeats = [] }) => repeats.length > 1)
  const rows = figures.map((figure) => {
    const { name, value, unit, detail, atMost } = figure
    const verdict = atMost === undefined ? '' : value <= atMost ? 'holds' : 'missed'
    const bound = atMost === undefined ? '' : `≤ ${formatNumber(atMost)} ${unit}`.trim()
    const label = detail === undefined ? name : `${name} (${detail})`
    const range = hasRepeats ? [rangeOf(figure)] : []
    return [label, `${formatNumber(value)} ${unit}`.trim(), ...range, bound, verdict]
  })
  const head = ['figure', 'measured', ...(hasRepeats ? ['repeats'] : []), 'must', '']
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function rangeOf({ repeats = [] }: Figure): string {
  if (repeats.length < 2) return ''
  return `${formatNumber(Math.min(...repeats))} to ${formatNumber(Math.max(...repeats))}, ${repeats.length} times`
}

/** Formats a number with at least three digits. */
export const formatNumber = (value: number): string =>
  Number.isInteger(value) || Math.abs(value) >= 1000 ? String(Math.round(value)) : value.toPrecision(3)
