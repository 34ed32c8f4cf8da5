import type { ModelPoint } from '../model/calibration.ts'
import { shortNumber } from './chart.ts'

const [width, height] = [400, 260]
const area = { left: 62, right: 18, top: 20, bottom: 44 }

interface ModelChart {
  /** CPU of all servers for a number of viewers, as the model has it, cores. */
  predict(viewers: number): number
  calibration: readonly ModelPoint[]
  /** Points that were predicted and then measured. */
  compared: readonly ModelPoint[]
  /** Largest crowd up to which the model is claimed. */
  claimedTo: number
  /** Largest crowd of the chart. */
  viewers: number
}

/** Returns the model with what was measured. Both axes are logarithmic; what is not measured is hatched. */
export function modelChart({ predict, calibration, compared, claimedTo, viewers }: ModelChart): string {
  const [xMin, xMax] = [100, viewers]
  const sizes = Array.from({ length: 41 }, (_, index) => xMin * (xMax / xMin) ** (index / 40))
  const values = [...sizes.map(predict), ...[...calibration, ...compared].map(({ value }) => value)].filter(
    (value) => value > 0,
  )
  const [low, high] = [
    Math.floor(Math.log10(Math.min(...values))),
    Math.ceil(Math.log10(Math.max(...values))),
  ]
  const xOf = (value: number) =>
    area.left + (Math.log10(value / xMin) / Math.log10(xMax / xMin)) * (width - area.left - area.right)
  const yOf = (value: number) =>
    height -
    area.bottom -
    ((Math.log10(value) - low) / Math.max(1, high - low)) * (height - area.top - area.bottom)
  const line = sizes
    .filter((size) => predict(size) > 0)
    .map((size) => `${xOf(size).toFixed(1)},${yOf(predict(size)).toFixed(1)}`)
  const yTicks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index))
  const xTicks = Array.from(
    { length: Math.round(Math.log10(xMax / xMin)) + 1 },
    (_, index) => xMin * 10 ** index,
  )
  const beyond = xOf(Math.max(xMin, claimedTo))
  const grid = [
    ...yTicks.map(
      (tick) =>
        `<line x1="${area.left}" x2="${width - area.right}" y1="${yOf(tick)}" y2="${yOf(tick)}" class="grid"/><text x="${area.left - 5}" y="${yOf(tick) + 4}" text-anchor="end">${shortNumber(tick)}</text>`,
    ),
    ...xTicks.map(
      (tick) =>
        `<text x="${xOf(tick)}" y="${height - area.bottom + 15}" text-anchor="middle">${shortNumber(tick)}</text>`,
    ),
  ]
  const circles = (points: readonly ModelPoint[], style: string) =>
    points.map(
      ({ viewers: size, value }) => `<circle cx="${xOf(size)}" cy="${yOf(value)}" r="4" class="${style}"/>`,
    )
  return `<figure><figcaption>CPU of all servers, both axes logarithmic. Line: model. Filled: calibration. Rings: predicted, then measured. Hatched: not measured</figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="CPU of all servers by viewers, as predicted and as measured"><defs><pattern id="unmeasured" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" x2="0" y1="0" y2="8" class="grid"/></pattern></defs>
<rect x="${beyond}" y="${area.top}" width="${width - area.right - beyond}" height="${height - area.top - area.bottom}" fill="url(#unmeasured)"/><text x="${(beyond + width - area.right) / 2}" y="${area.top + 14}" text-anchor="middle">not measured</text>
${grid.join('')}<polyline points="${line.join(' ')}" class="line s0"/>${circles(calibration, 'bar').join('')}${circles(compared, 'line s1').join('')}
<text x="${(width + area.left) / 2}" y="${height - 8}" text-anchor="middle">viewers</text><text x="12" y="${height / 2}" text-anchor="middle" transform="rotate(-90 12 ${height / 2})">cores</text></svg></figure>`
}
