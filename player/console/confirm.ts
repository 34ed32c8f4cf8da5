import { button, element } from '../shared/element.ts'

/**
 * Shows a dialog before an action that cannot be undone. `verb` labels the button that confirms. Resolves
 * with false when the operator cancels or presses Escape.
 */
export function confirm(question: string, consequence: string, verb: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const close = (isConfirmed: boolean) => (): void => dialog.close(isConfirmed ? 'yes' : '')
  const actions = element(
    'div',
    { class: 'actions end' },
    button('Cancel', 'plain', close(false)),
    button(verb, 'danger', close(true)),
  )
  const dialog = openDialog(question, 'alertdialog', [
    element('p', { class: 'muted', text: consequence }),
    actions,
  ])
  dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'))
  return promise
}

/** Opens a dialog that is removed when it closes. */
export function openDialog(
  title: string,
  role: 'dialog' | 'alertdialog',
  children: readonly HTMLElement[],
): HTMLDialogElement {
  const dialog = element(
    'dialog',
    { class: 'card', attributes: { role, 'aria-label': title } },
    element('h2', { text: title }),
    ...children,
  )
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
  return dialog
}
