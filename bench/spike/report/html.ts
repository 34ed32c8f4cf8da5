import { escapeHtml } from './chart.ts'

/** Returns a table. The first row is the head. With `words` cells are left-aligned and may wrap. */
export function htmlTable(rows: readonly (readonly string[])[], { words = false } = {}): string {
  const [head = [], ...body] = rows
  const cells = (row: readonly string[], tag: string) =>
    row.map((cell) => `<${tag}${classOf(cell)}>${escapeHtml(cell)}</${tag}>`).join('')
  const lines = body.map((row) => `<tr${rowClassOf(row)}>${cells(row, 'td')}</tr>`)
  return `<div class="scroll"><table${words ? ' class="words"' : ''}><thead><tr>${cells(head, 'th')}</tr></thead><tbody>${lines.join('')}</tbody></table></div>`
}

const classOf = (cell: string): string => (cell.startsWith('missed') ? ' class="missed"' : '')

/** A row of what is not measured is hatched. */
const rowClassOf = ([name = '']: readonly string[]): string =>
  name.endsWith('(not measured)') ? ' class="unmeasured"' : ''

export const section = (title: string, ...parts: readonly string[]): string =>
  `<section><h2>${escapeHtml(title)}</h2>${parts.join('\n')}</section>`

export const link = (url: string): string => `<p><a href="${escapeHtml(url)}">${escapeHtml(url)}</a></p>`
export const paragraph = (text: string): string => `<p>${escapeHtml(text)}</p>`
export const list = (items: readonly string[]): string =>
  `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`
export const charts = (figures: readonly string[]): string =>
  `<div class="charts">${figures.join('\n')}</div>`
export const details = (summary: string, text: string): string =>
  `<details><summary>${escapeHtml(summary)}</summary><pre>${escapeHtml(text)}</pre></details>`
