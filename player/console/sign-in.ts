import { element } from '../shared/element.ts'
import { field } from './new-channel.ts'

/** The sign-in page; `signIn` rejects with words for the operator. `notice` says why it is shown again. */
export function signInPage(notice: string, signIn: (token: string) => Promise<void>): HTMLElement {
  const token = element('input', {
    attributes: {
      type: 'password',
      name: 'token',
      required: '',
      autocomplete: 'current-password',
      spellcheck: 'false',
    },
  })
  const failure = element('p', { class: 'failure', text: notice, attributes: { role: 'alert' } })
  const submit = element('button', { class: 'primary', text: 'Sign in', attributes: { type: 'submit' } })
  const form = element(
    'form',
    { class: 'card stack sign-in' },
    element('h1', { text: 'Sign in' }),
    element('p', { class: 'muted', text: 'The admin token was shown when the server started.' }),
    field('Admin token', token),
    failure,
    submit,
  )
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    submit.disabled = true
    failure.textContent = ''
    try {
      await signIn(token.value.trim())
    } catch (error) {
      failure.textContent = (error as Error).message
      token.select()
    } finally {
      submit.disabled = false
    }
  })
  queueMicrotask(() => token.focus())
  return form
}
