/** A line of a chart. Lines differ by their dashes, so that a chart can be read without colour. */
export interface Series {
  name: string
  points: readonly (readonly [x: number, y: number])[]
}

export interface ChartOptions {
  title: string
  xLabel: string
  yLabel: string
  series: readonly Series[]
  /** Upper end of the axis, so that charts beside each other have the same scale. */
  yMax?: number
  xMax?: number
  /** Horizontal line with a name, such as a limit. */
  limit?: { value: number; name: string }
}

const [width, height] = [400, 230]
const area = { left: 62, right: 18, top: 20, bottom: 40 }
/** Longest line of which each point has a mark. */
const maxDots = 12
const dashes = ['', '6 3', '2 3', '8 3 2 3', '1 5', '12 4']

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** Returns round values from 0 to at least `max`, at most 6 of them. */
export function ticksTo(max: number): number[] {
  if (!(max > 0) || !Number.isFinite(max)) return [0, 1]
  const rough = max / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10) * power
  const count = Math.ceil(max / step - 1e-9)
  return Array.from({ length: count + 1 }, (_, index) => index * step)
}

export const shortNumber = (value: number): string => {
  if (Math.abs(value) >= 1e6) return `${Number((value / 1e6).toPrecision(3))} M`
  if (Math.abs(value) >= 10_000) return `${Number((value / 1000).toPrecision(3))} k`
  return String(Number(value.toPrecision(3)))
}

/** Returns a figure with a line chart as SVG, and with its legend. Both axes begin at 0 or below. */
export function lineChart({ title, xLabel, yLabel, series, limit, ...options }: ChartOptions): string {
  const points = series.flatMap((each) => each.points).filter(([x, y]) => Number.isFinite(x + y))
  const xMin = Math.min(0, ...points.map(([x]) => x))
  const xTicks = ticksTo(options.xMax ?? Math.max(...points.map(([x]) => x), 1))
  const yTicks = ticksTo(options.yMax ?? (Math.max(...points.map(([, y]) => y), limit?.value ?? 0) || 1))
  const [xMax = 1, yMax = 1] = [xTicks.at(-1), yTicks.at(-1)]
  const xOf = (x: number) => area.left + ((x - xMin) / (xMax - xMin)) * (width - area.left - area.right)
  const yOf = (y: number) =>
    height - area.bottom - (Math.min(y, yMax) / yMax) * (height - area.top - area.bottom)
  const line = ({ points: all }: Series, index: number) => {
    const path = all
      .filter(([x, y]) => Number.isFinite(x + y))
      .map(([x, y]) => `${xOf(x).toFixed(1)},${yOf(y).toFixed(1)}`)
    const style = `class="line s${index % dashes.length}"`
    const dots = path.length > maxDots ? [] : path.map((at) => dot(at, index))
    return `<polyline points="${path.join(' ')}" ${style} stroke-dasharray="${dashes[index % dashes.length]}"/>${dots.join('')}`
  }
  const grid = [
    ...yTicks.map(
      (y) =>
        `<line x1="${area.left}" x2="${width - area.right}" y1="${yOf(y)}" y2="${yOf(y)}" class="grid"/><text x="${area.left - 5}" y="${yOf(y) + 4}" text-anchor="end">${shortNumber(y)}</text>`,
    ),
    ...xTicks.map(
      (x) =>
        `<text x="${xOf(x)}" y="${height - area.bottom + 15}" text-anchor="middle">${shortNumber(x)}</text>`,
    ),
  ]
  const limitLine =
    limit === undefined || limit.value > yMax
      ? ''
      : `<line x1="${area.left}" x2="${width - area.right}" y1="${yOf(limit.value)}" y2="${yOf(limit.value)}" class="limit"/><text x="${width - area.right}" y="${yOf(limit.value) - 4}" text-anchor="end">${escapeHtml(limit.name)}</text>`
  const legend = series.map(
    ({ name }, index) =>
      `<span><svg width="30" height="8" aria-hidden="true"><line x1="0" x2="30" y1="4" y2="4" class="line s${index % dashes.length}" stroke-dasharray="${dashes[index % dashes.length]}"/></svg> ${escapeHtml(name)}</span>`,
  )
  return `<figure><figcaption>${escapeHtml(title)}</figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">${grid.join('')}${limitLine}${series.map(line).join('')}
<text x="${(width + area.left) / 2}" y="${height - 6}" text-anchor="middle">${escapeHtml(xLabel)}</text>
<text x="12" y="${(height - area.bottom) / 2}" text-anchor="middle" transform="rotate(-90 12 ${(height - area.bottom) / 2})">${escapeHtml(yLabel)}</text></svg>
${series.length > 1 ? `<div class="legend">${legend.join('')}</div>` : ''}</figure>`
}

/** Returns a mark for a point, another one for each line. */
function dot(at: string, index: number): string {
  const [x = 0, y = 0] = at.split(',').map(Number)
  const style = `class="line s${index % dashes.length}"`
  if (index % 3 === 0) return `<circle cx="${x}" cy="${y}" r="4" ${style}/>`
  if (index % 3 === 1) return `<rect x="${x - 4}" y="${y - 4}" width="8" height="8" ${style}/>`
  return `<path d="M${x} ${y - 5}l5 9h-10z" ${style}/>`
}

export interface Bar {
  name: string
  value: number
  /** End of a hatched part beyond the value, where the true value may be. */
  upTo: number
  label: string
}

/** Returns a figure with horizontal bars that begin at 0. */
export function barChart(title: string, unit: string, bars: readonly Bar[]): string {
  const rowHeight = 40
  const total = bars.length * rowHeight + 30
  const ticks = ticksTo(Math.max(...bars.map(({ value, upTo }) => Math.max(value, upTo)), 1))
  const max = ticks.at(-1) ?? 1
  const xOf = (value: number) => 8 + (Math.min(value, max) / max) * (width - 16 - area.right)
  const rows = bars.map(({ name, value, upTo, label }, index) => {
    const y = index * rowHeight
    const beyond =
      upTo > value
        ? `<rect x="${xOf(value)}" y="${y + 18}" width="${xOf(upTo) - xOf(value)}" height="14" fill="url(#hatch)" class="outline"/>`
        : ''
    return `<text x="8" y="${y + 13}">${escapeHtml(name)}: ${escapeHtml(label)}</text><rect x="8" y="${y + 18}" width="${Math.max(1, xOf(value) - 8)}" height="14" class="bar"/>${beyond}`
  })
  const axis = ticks.map(
    (tick) => `<text x="${xOf(tick)}" y="${total - 14}" text-anchor="middle">${shortNumber(tick)}</text>`,
  )
  return `<figure><figcaption>${escapeHtml(title)}</figcaption>
<svg viewBox="0 0 ${width} ${total}" role="img" aria-label="${escapeHtml(title)}"><defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" x2="0" y1="0" y2="6" class="hatch"/></pattern></defs>${rows.join('')}${axis.join('')}
<text x="${width / 2}" y="${total - 1}" text-anchor="middle">${escapeHtml(unit)}</text></svg></figure>`
}
