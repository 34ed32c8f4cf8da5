export interface Figure {
  name: string
  value: number
  unit: string
  /** Maximum of `value`. Without it, the figure is shown without a verdict. */
  atMost?: number
}

/** Returns a Markdown table. A figure with a maximum is marked as `holds` or `missed`. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, atMost }) => {
    const verdict = atMost === undefined ? '' : value <= atMost ? 'holds' : 'missed'
    const bound = atMost === undefined ? '' : `≤ ${format(atMost)} ${unit}`
    return `| ${name} | ${format(value)} ${unit} | ${bound} | ${verdict} |`
  })
  return ['| figure | measured | must | |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

const format = (value: number) => (Number.isInteger(value) ? String(value) : value.toPrecision(3))
