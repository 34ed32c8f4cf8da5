export interface Figure {
  name: string
  value: number
  unit: string
  /** A larger value is reported as missed. */
  atMost?: number
}

/** Formats figures as a Markdown table with each bound and whether it holds. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, atMost }) => {
    const verdict = atMost === undefined ? '' : value <= atMost ? 'holds' : 'missed'
    const bound = atMost === undefined ? '' : `≤ ${format(atMost)} ${unit}`
    return `| ${name} | ${format(value)} ${unit} | ${bound} | ${verdict} |`
  })
  return ['| figure | measured | must | |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

const format = (value: number) => (Number.isInteger(value) ? String(value) : value.toPrecision(3))
