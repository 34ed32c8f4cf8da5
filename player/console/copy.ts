import { button, element } from '../shared/element.ts'

const shownMs = 1500

/** A line of text to copy: a label, the text, a button. */
export function copyField(label: string, text: string): HTMLElement {
  const value = element('input', { class: 'copy-text', attributes: { readonly: '', 'aria-label': label } })
  value.value = text
  const copy = button('Copy', 'small', async () => {
    copy.textContent = (await copyText(value)) ? 'Copied' : 'Press Ctrl+C'
    setTimeout(() => {
      copy.textContent = 'Copy'
    }, shownMs)
  })
  return element('div', { class: 'copy' }, element('span', { class: 'label', text: label }), value, copy)
}

/** Copies; where the clipboard is closed to a page (plain HTTP off this machine) it selects the text instead. */
async function copyText(value: HTMLInputElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(value.value)
    return true
  } catch {
    value.select()
    return false
  }
}
