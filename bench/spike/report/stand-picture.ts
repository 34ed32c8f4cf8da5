import type { Architecture } from '../architectures/architecture.ts'
import { escapeHtml } from './chart.ts'

const [boxWidth, boxHeight, gap, left] = [78, 30, 26, 8]

/**
 * Returns a picture of who requests from whom. The dashed box is on the core of the generator, all others
 * are on core 0.
 */
export function standPicture({ id, layers, peer }: Architecture): string {
  const columns = [['viewers'], ...columnsOf(layers).toReversed(), [peer ?? 'origin'], ['publisher']]
  const rows = Math.max(...columns.map(({ length }) => length))
  const [width, height] = [left * 2 + columns.length * (boxWidth + gap) - gap, rows * (boxHeight + 8) + 10]
  const xOf = (column: number) => left + column * (boxWidth + gap)
  const yOf = (index: number, count: number) => height / 2 + (index - (count - 1) / 2) * (boxHeight + 8)
  const boxes = columns.flatMap((names, column) =>
    names.map((name, index) => {
      const y = yOf(index, names.length)
      const dashed = name === 'viewers' ? ' stroke-dasharray="4 3"' : ''
      return `<rect x="${xOf(column)}" y="${y - boxHeight / 2}" width="${boxWidth}" height="${boxHeight}" class="box"${dashed}/><text x="${xOf(column) + boxWidth / 2}" y="${y + 4}" text-anchor="middle">${escapeHtml(name)}</text>`
    }),
  )
  const lines = columns.slice(1).flatMap((names, column) =>
    names.flatMap((_, index) =>
      (columns[column] ?? []).map((__, from, before) => {
        const [x, end] = [xOf(column) + boxWidth, xOf(column + 1)]
        return `<line x1="${x}" y1="${yOf(from, before.length)}" x2="${end}" y2="${yOf(index, names.length)}" class="axis"/>`
      }),
    ),
  )
  return `<figure><figcaption>${escapeHtml(id)}</figcaption><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(`${id}: ${columns.map((names) => names.join(' and ')).join(', then ')}`)}">${lines.join('')}${boxes.join('')}</svg></figure>`
}

/** Returns layers as columns: equal neighbours are one above the other. */
function columnsOf(layers: Architecture['layers']): string[][] {
  const columns: string[][] = []
  for (const layer of layers) {
    const last = columns.at(-1)
    if (last?.[0] === layer) last.push(layer)
    else columns.push([layer])
  }
  return columns
}
