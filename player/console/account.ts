import type { BrowserSignInView, MeView, NewTotpView, RecoveryCodesView } from '../../core/api/account.ts'
import { find } from '../shared/dom.ts'
import { button, element } from '../shared/element.ts'
import type { Api } from './api.ts'
import { confirm, openDialog } from './confirm.ts'
import { field, input } from './form.ts'
import { createNotice } from './notice.ts'
import { formOf } from './sign-in.ts'
import { copyField } from './stream-key.ts'
import { table } from './table.ts'

const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** Shows the own account until the returned function is called. */
export function openAccount(api: Api, me: MeView, onUnauthorized: () => void): () => void {
  const notice = createNotice(onUnauthorized)
  const factor = element('div', { class: 'stack' })
  const browsers = element('div')

  async function refresh() {
    const { account } = await api.me()
    showFactor(account?.hasSecondFactor === true)
    const { items } = await api.signIns()
    browsers.replaceChildren(table(['Browser', 'Address', 'Last used', ''], items.map(row)))
  }

  const act = async (action: () => Promise<unknown>) => {
    await notice.attempt(action)
    await notice.attempt(refresh)
  }

  function showFactor(isOn: boolean) {
    const text = isOn
      ? 'Signing in needs a code of your authenticator app.'
      : 'An authenticator app makes a stolen password useless.'
    const change = isOn
      ? button('Remove…', 'plain', async () => {
          if (await confirm('Remove the authenticator app?', 'Your password alone will suffice.', 'Remove'))
            await act(api.removeTotp)
        })
      : button('Set up an authenticator app…', 'plain', () =>
          act(async () => openTotp(api, await api.newTotp(), () => void act(async () => {}))),
        )
    factor.replaceChildren(element('p', { class: 'muted', text }), change)
  }

  const row = ({ id, userAgent, address, seenAt, isCurrent }: BrowserSignInView): HTMLElement =>
    element(
      'tr',
      {},
      element('td', { text: isCurrent ? `${browserName(userAgent)} (this one)` : browserName(userAgent) }),
      element('td', { text: address }),
      element('td', { text: dateTime.format(new Date(seenAt)) }),
      element('td', {}, isCurrent ? null : button('Sign out', 'link', () => act(() => api.endSignIn(id)))),
    )

  const section = (heading: string, ...children: HTMLElement[]) =>
    element('section', { class: 'card' }, element('h2', { text: heading }), ...children)
  const password = button('Change password…', 'plain', () =>
    openPasswordChange(api, () => void act(async () => {})),
  )
  find('#console').replaceChildren(
    element(
      'div',
      { class: 'wide stack' },
      element('h1', { text: me.account?.name ?? '' }),
      element('p', { class: 'muted', text: `${me.account?.email ?? ''} · ${me.role}` }),
      section('Password', password),
      section('Second factor', factor),
      section('Where you are signed in', browsers),
    ),
  )
  void notice.attempt(refresh)
  return () => notice.close()
}

/** Returns the name of a browser in its user agent; the text itself when it is unknown. */
const browserName = (userAgent: string) =>
  /(?:Firefox|Edg|Chrome|Safari|curl)(?=\/)/.exec(userAgent)?.[0].replace('Edg', 'Edge') ??
  userAgent.slice(0, 40)

function openPasswordChange(api: Api, onChanged: () => void): void {
  const current = input('current', { type: 'password', autocomplete: 'current-password', required: '' })
  const attributes = { type: 'password', autocomplete: 'new-password', minlength: '8', maxlength: '128' }
  const password = input('password', { ...attributes, required: '' })
  const fields = [
    field('Current password', current),
    field('New password', password, 'At least 8 characters. Other browsers are signed out.'),
  ]
  const form = formOf('Change password', fields, '', async () => {
    await api.changePassword(current.value, password.value)
    dialog.close()
    onChanged()
  })
  const cancel = button('Cancel', 'link', (): void => dialog.close())
  const dialog = openDialog('Change password', 'dialog', [form, cancel])
}

/** Opens the dialog that sets up an authenticator app, and then shows the recovery codes. */
function openTotp(api: Api, { secret, uri }: NewTotpView, onEnabled: () => void): void {
  const code = input('code', {
    inputmode: 'numeric',
    autocomplete: 'one-time-code',
    pattern: '[0-9]{6}',
    required: '',
  })
  const open = element('a', { text: 'Open the app on this device', attributes: { href: uri } })
  const form = formOf(
    'Turn on',
    [field('Code', code, 'The six digits that the app shows.')],
    '',
    async () => {
      showCodes(await api.enableTotp(secret, code.value))
      onEnabled()
    },
  )
  const cancel = button('Cancel', 'link', (): void => dialog.close())
  const body = element(
    'div',
    { class: 'stack' },
    element('p', { class: 'muted', text: 'Enter this key in your authenticator app.' }),
    copyField('Key', secret),
    open,
    form,
  )
  function showCodes({ recoveryCodes }: RecoveryCodesView) {
    body.replaceChildren(
      element('p', { text: 'Keep these codes. Each replaces the app once. They are shown only here.' }),
      element('pre', { class: 'codes', text: recoveryCodes.join('\n') }),
    )
    cancel.textContent = 'Done'
  }
  const dialog = openDialog('Set up an authenticator app', 'dialog', [body, cancel])
}
