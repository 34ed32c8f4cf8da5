import { element } from '../shared/element.ts'

/** Creates a table that scrolls horizontally when it does not fit. */
export function table(heads: string[], rows: HTMLElement[]): HTMLElement {
  const head = element(
    'tr',
    {},
    ...heads.map((text) => element('th', { text, attributes: { scope: 'col' } })),
  )
  return element(
    'div',
    { class: 'scroll', attributes: { tabindex: '0', role: 'group', 'aria-label': `Table: ${heads[0]}` } },
    element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows)),
  )
}
