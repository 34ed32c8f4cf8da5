import { ApiError } from '../shared/calls.ts'
import { button, element } from '../shared/element.ts'
import { openDialog } from './confirm.ts'
import { field, input } from './form.ts'

export interface SignInActions {
  /** Both reject with an error whose message is shown. `code`: of the second factor, when it is needed. */
  byPassword(credentials: { email: string; password: string; code?: string }): Promise<void>
  byToken(token: string): Promise<void>
}

/**
 * Creates the sign-in page: with e-mail address and password, or with the admin token. `notice` explains why
 * the page is shown again; it is empty at first.
 */
export function signInPage(notice: string, { byPassword, byToken }: SignInActions): HTMLElement {
  const place = element('div', { class: 'card sign-in' })

  function showPassword(message = '') {
    const email = input('email', { type: 'email', autocomplete: 'username', required: '' })
    const password = input('password', {
      type: 'password',
      autocomplete: 'current-password',
      required: '',
    })
    const code = input('code', { autocomplete: 'one-time-code', maxlength: '20' })
    const codeField = field('Code', code, 'Of your authenticator app, or a recovery code.')
    codeField.hidden = true
    show(message, [field('E-mail', email), field('Password', password), codeField], {
      submit: async () => {
        const credentials = { email: email.value, password: password.value }
        try {
          await byPassword(code.value === '' ? credentials : { ...credentials, code: code.value })
        } catch (error) {
          if (!(error instanceof ApiError) || error.kind !== 'code') throw error
          codeField.hidden = false
          code.focus()
        }
      },
      other: button('Use the admin token', 'link', () => showToken()),
    })
  }

  function showToken() {
    const token = input('token', {
      type: 'password',
      autocomplete: 'current-password',
      spellcheck: 'false',
      required: '',
    })
    const hint = element('p', { class: 'muted', text: 'The admin token was shown when the server started.' })
    show('', [hint, field('Admin token', token)], {
      submit: () => byToken(token.value.trim()),
      other: button('Use e-mail and password', 'link', () => showPassword()),
    })
  }

  function show(message: string, fields: HTMLElement[], { submit, other }: FormActions) {
    const form = formOf('Sign in', fields, message, submit)
    place.replaceChildren(element('h1', { text: 'Sign in' }), form, other)
    queueMicrotask(() => form.querySelector('input')?.focus())
  }

  showPassword(notice)
  return place
}

interface FormActions {
  submit(): Promise<void>
  other: HTMLElement
}

/** Creates a form that shows why `submit` failed. */
export function formOf(
  verb: string,
  fields: readonly HTMLElement[],
  message: string,
  submit: () => Promise<void>,
): HTMLFormElement {
  const failure = element('p', { class: 'failure', text: message, attributes: { role: 'alert' } })
  const send = element('button', { class: 'primary', text: verb, attributes: { type: 'submit' } })
  const form = element('form', { class: 'stack' }, ...fields, failure, send)
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    send.disabled = true
    failure.textContent = ''
    try {
      await submit()
    } catch (error) {
      failure.textContent = (error as Error).message
      form.querySelector<HTMLInputElement>('input[type=password]')?.select()
    } finally {
      send.disabled = false
    }
  })
  return form
}

/**
 * Asks for the password before a key, a token or a deletion. `check` rejects with an error whose message is
 * shown. Resolves with whether the password was right; false when the dialog is closed.
 */
export function askPassword(check: (password: string) => Promise<void>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const password = input('password', { type: 'password', autocomplete: 'current-password', required: '' })
  const form = formOf('Continue', [field('Password', password)], '', async () => {
    await check(password.value)
    dialog.close('yes')
  })
  const dialog = openDialog('Enter your password again', 'dialog', [
    element('p', { class: 'muted', text: 'Keys, tokens and deletion need it every ten minutes.' }),
    form,
    button('Cancel', 'link', (): void => dialog.close()),
  ])
  dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'))
  return promise
}

const tokenKey = 'nowcast-admin-token'
const signedInKey = 'nowcast-signed-in'

/**
 * Remembers how the operator has signed in: the admin token for this tab, or that the browser has the cookie
 * of a sign-in, which pages cannot read. Where the browser forbids storage, this is lost when the page is
 * left.
 */
export function createSignInStorage(
  tab: () => Storage = () => sessionStorage,
  browser: () => Storage = () => localStorage,
) {
  let token: string | undefined
  let isSignedIn = false
  const read = (storage: () => Storage, key: string) => {
    try {
      return storage().getItem(key) ?? undefined
    } catch {
      return undefined
    }
  }
  const write = (storage: () => Storage, key: string, value: string | undefined) => {
    try {
      if (value === undefined) storage().removeItem(key)
      else storage().setItem(key, value)
    } catch {}
  }
  return {
    token: (): string | undefined => read(tab, tokenKey) ?? token,
    hasCookie: (): boolean => isSignedIn || read(browser, signedInKey) !== undefined,
    set(way: { token: string } | 'cookie' | undefined) {
      token = typeof way === 'object' ? way.token : undefined
      isSignedIn = way === 'cookie'
      write(tab, tokenKey, token)
      write(browser, signedInKey, isSignedIn ? 'yes' : undefined)
    },
  }
}
