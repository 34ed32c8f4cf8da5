import { element } from '../shared/element.ts'
import { field } from './form.ts'

/**
 * Creates the sign-in page. `signIn` rejects with an error whose message is shown. `notice` explains why the
 * page is shown again; it is empty at first.
 */
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

const tokenKey = 'nowcast-admin-token'

/**
 * Keeps the admin token for this tab. Where the browser forbids storage, the token is lost when the page is
 * left.
 */
export function createTokenStorage(storage: () => Storage = () => sessionStorage) {
  let token: string | undefined
  return {
    get(): string | undefined {
      try {
        return storage().getItem(tokenKey) ?? token
      } catch {
        return token
      }
    },
    set(value: string | undefined) {
      token = value
      try {
        if (value === undefined) storage().removeItem(tokenKey)
        else storage().setItem(tokenKey, value)
      } catch {}
    },
  }
}
