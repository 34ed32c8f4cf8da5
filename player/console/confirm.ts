import { button, element } from '../shared/element.ts'

/**
 * Shows a dialog before an action that cannot be undone. `verb` labels the button that confirms. Resolves
 * with false when the operator cancels or presses Escape.
 */
export function confirm(question: string, consequence: string, verb: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const close = (isConfirmed: boolean) => (): void => dialog.close(isConfirmed ? 'yes' : '')
  const dialog: HTMLDialogElement = element(
    'dialog',
    { class: 'card', attributes: { role: 'alertdialog', 'aria-label': question } },
    element('h2', { text: question }),
    element('p', { class: 'muted', text: consequence }),
    element(
      'div',
      { class: 'actions end' },
      button('Cancel', 'plain', close(false)),
      button(verb, 'danger', close(true)),
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
