import { element } from '../shared/element.ts'

export function field(label: string, input: HTMLElement, hint?: string): HTMLElement {
  return element(
    'label',
    { class: 'field' },
    element('span', { class: 'label', text: label }),
    input,
    hint === undefined ? null : element('span', { class: 'hint', text: hint }),
  )
}

export function dropDown<Value extends string>(
  name: string,
  values: readonly Value[],
  texts: Record<Value, string>,
  selected: Value,
): HTMLSelectElement {
  const options = values.map((each) => element('option', { text: texts[each], attributes: { value: each } }))
  const select = element('select', { attributes: { name } }, ...options)
  select.value = selected
  return select
}
