export interface Figure {
  name: string
  value: number
  unit: string
  /** A larger value is reported as missed. */
  atMost?: number
}

/** Markdown table in which every figure that has a bound is marked as `holds` or `missed`. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, atMost }) => {
    const verdict = atMost === undefined ? '' : value <= atMost ? 'holds' : 'missed'
    const bound = atMost === undefined ? '' : `≤ ${format(atMost)} ${unit}`
    return `| ${name} | ${format(value)} ${unit} | ${bound} | ${verdict} |`
  })
  return ['| figure | measured | must | |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

const format = (value: number) => (Number.isInteger(value) ? String(value) : value.toPrecision(3))
