import type { StreamKeyView } from '../../core/api/channel.ts'
import { button, element } from '../shared/element.ts'
import { confirm } from './confirm.ts'
import type { Notice } from './notice.ts'

export interface StreamKeyActions {
  read(): Promise<StreamKeyView>
  rotate(): Promise<StreamKeyView>
  attempt: Notice['attempt']
}

/**
 * Creates the block with the OBS settings of a channel. The key is fetched only when the operator reveals it
 * or creates a new one.
 */
export function streamKeyBlock(server: string, { read, rotate, attempt }: StreamKeyActions): HTMLElement {
  const place = element('div')

  function hide() {
    const reveal = button('Reveal', 'small', async () => {
      const response = await attempt(read)
      if (response) show(response)
    })
    reveal.setAttribute('aria-label', 'Reveal the stream key')
    place.replaceChildren(hiddenKey(reveal))
  }

  function show({ streamKey, coach }: StreamKeyView) {
    place.replaceChildren(
      copyField('Stream key', streamKey),
      copyField('Coach page', coach),
      button('Hide key', 'link', hide),
    )
  }

  const renew = button('New key…', 'link', async () => {
    const isConfirmed = await confirm(
      'Create a new stream key?',
      'New publishers can no longer use the old key. A running stream continues.',
      'Create new key',
    )
    const response = isConfirmed ? await attempt(rotate) : undefined
    if (response) show(response)
  })

  hide()
  return element('div', { class: 'stack' }, copyField('Server', server), place, renew)
}

function hiddenKey(reveal: HTMLElement): HTMLElement {
  const dots = element('span', {
    class: 'copy-text dots',
    text: '••••••••••••••••',
    attributes: { 'aria-hidden': 'true' },
  })
  const label = element('span', { class: 'label', text: 'Stream key' })
  return element('div', { class: 'copy' }, label, dots, reveal)
}

/** Time for which the result of copying is shown, ms. */
const copyResultMs = 1500

/**
 * Creates a text with a button that copies it. The text is in a read-only input, so that the operator can
 * select it where the clipboard is not available.
 */
export function copyField(label: string, text: string): HTMLElement {
  const value = element('input', { class: 'copy-text', attributes: { readonly: '', 'aria-label': label } })
  value.value = text
  const copy = button('Copy', 'small', async () => {
    copy.textContent = (await copyText(value)) ? 'Copied' : 'Press Ctrl+C'
    setTimeout(() => {
      copy.textContent = 'Copy'
    }, copyResultMs)
  })
  return element('div', { class: 'copy' }, element('span', { class: 'label', text: label }), value, copy)
}

/**
 * Copies the text. Resolves with false, and selects the text, where a page cannot use the clipboard, such as
 * over plain HTTP from another machine.
 */
async function copyText(value: HTMLInputElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(value.value)
    return true
  } catch {
    value.select()
    return false
  }
}
