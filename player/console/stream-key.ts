import { button, element } from '../shared/element.ts'
import { confirm } from './confirm.ts'
import { copyField } from './copy.ts'
import type { StreamKey } from './shapes.ts'

export interface StreamKeyActions {
  read(): Promise<StreamKey>
  rotate(): Promise<StreamKey>
  /** Runs an action and shows its failure. */
  attempt<Result>(action: () => Promise<Result>): Promise<Result | undefined>
}

/** The OBS settings of a channel. The key is fetched only when the operator asks to see or copy it. */
export function streamKeyBlock(server: string, { read, rotate, attempt }: StreamKeyActions): HTMLElement {
  const place = element('div')

  function showHidden() {
    const dots = element('span', {
      class: 'copy-text dots',
      text: '••••••••••••••••',
      attributes: { 'aria-hidden': 'true' },
    })
    const reveal = button('Reveal', 'small', async () => {
      const answer = await attempt(read)
      if (answer) showKey(answer.streamKey)
    })
    reveal.setAttribute('aria-label', 'Reveal the stream key')
    place.replaceChildren(
      element(
        'div',
        { class: 'copy' },
        element('span', { class: 'label', text: 'Stream key' }),
        dots,
        reveal,
      ),
    )
  }

  function showKey(key: string) {
    place.replaceChildren(copyField('Stream key', key), button('Hide the key', 'link', showHidden))
  }

  const renew = button('New key…', 'link', async () => {
    const meant = await confirm(
      'Make a new stream key?',
      'The old key stops working at once for new connections. A show on air goes on.',
      'Make a new key',
    )
    const answer = meant ? await attempt(rotate) : undefined
    if (answer) showKey(answer.streamKey)
  })

  showHidden()
  return element('div', { class: 'stack' }, copyField('Server', server), place, renew)
}
