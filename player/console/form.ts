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

export const input = (name: string, attributes: Record<string, string>): HTMLInputElement =>
  element('input', { attributes: { name, ...attributes } })

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

/** Creates a group of boxes to tick. `read` returns the ticked values. */
export function boxes<Value extends string>(label: string, values: readonly Value[]) {
  const inputs = values.map((value) => input(value, { type: 'checkbox', value }))
  const rows = inputs.map((each, index) => element('label', { class: 'box' }, each, ` ${values[index]}`))
  return {
    root: element(
      'fieldset',
      { class: 'boxes' },
      element('legend', { class: 'label', text: label }),
      ...rows,
    ),
    read: (): Value[] => values.filter((_, index) => inputs[index]?.checked === true),
  }
}
