import { button, element } from '../shared/element.ts'

/** Asks before something that cannot be undone; resolves true when the operator means it. */
export function confirm(question: string, consequence: string, verb: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const answer = (meant: boolean) => (): void => dialog.close(meant ? 'yes' : '')
  const dialog: HTMLDialogElement = element(
    'dialog',
    { class: 'card', attributes: { role: 'alertdialog', 'aria-label': question } },
    element('h2', { text: question }),
    element('p', { class: 'muted', text: consequence }),
    element(
      'div',
      { class: 'actions end' },
      button('Cancel', 'plain', answer(false)),
      button(verb, 'danger', answer(true)),
    ),
  )
  dialog.addEventListener('close', () => {
    dialog.remove()
    resolve(dialog.returnValue === 'yes')
  })
  document.body.append(dialog)
  dialog.showModal()
  return promise
}
