import type { ApiTokenView, MeView } from '../../core/api/account.ts'
import { scopes } from '../../core/api/roles.ts'
import { find } from '../shared/dom.ts'
import { button, element } from '../shared/element.ts'
import type { Api } from './api.ts'
import { confirm, openDialog } from './confirm.ts'
import { boxes, dropDown, field, input } from './form.ts'
import { createNotice } from './notice.ts'
import { formOf } from './sign-in.ts'
import { copyField } from './stream-key.ts'
import { table } from './table.ts'

const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const dateOf = (time: string | null) => (time === null ? 'never' : date.format(new Date(time)))

/** Shows API tokens until the returned function is called. */
export function openTokens(api: Api, me: MeView, onUnauthorized: () => void): () => void {
  const notice = createNotice(onUnauthorized)
  const list = element('div')

  async function refresh() {
    const tokens = (await api.apiTokens()).filter(({ revokedAt }) => revokedAt === null)
    const empty = element('p', { class: 'muted', text: 'No tokens. Scripts use them instead of a password.' })
    const heads = ['Name', 'May', 'Expires', 'Last used', '']
    list.replaceChildren(tokens.length === 0 ? empty : table(heads, tokens.map(row)))
  }

  const row = ({ id, name, accountId, scopes, expiresAt, usedAt, usedFrom }: ApiTokenView): HTMLElement => {
    const owner = accountId === (me.account?.id ?? null) ? 'yours' : (accountId ?? 'of the operator')
    const used = usedFrom === null ? dateOf(usedAt) : `${dateOf(usedAt)}, ${usedFrom}`
    return element(
      'tr',
      {},
      element('td', {}, element('strong', { text: name }), element('div', { class: 'muted', text: owner })),
      element('td', { text: scopes.join(', ') }),
      element('td', { text: dateOf(expiresAt) }),
      element('td', { text: used }),
      element(
        'td',
        {},
        button('Revoke…', 'link danger-text', async () => {
          if (
            !(await confirm(`Revoke “${name}”?`, 'Scripts with this token stop working at once.', 'Revoke'))
          )
            return
          await notice.attempt(() => api.revokeApiToken(id))
          await notice.attempt(refresh)
        }),
      ),
    )
  }

  const create = button('New token…', 'primary', () => openNewToken(api, () => void notice.attempt(refresh)))
  const head = element('div', { class: 'list-head' }, element('h1', { text: 'API tokens' }), create)
  find('#console').replaceChildren(element('div', { class: 'wide stack' }, head, list))
  void notice.attempt(refresh)
  return () => notice.close()
}

const lifetimes = { '7': 'A week', '90': '90 days', '365': 'A year' }

/** Opens the dialog for a new token, and shows the token. `onCreated` is called when there is one more. */
function openNewToken(api: Api, onCreated: () => void): void {
  const name = input('name', { maxlength: '100', required: '', autocomplete: 'off' })
  const days = dropDown('days', ['7', '90', '365'] as const, lifetimes, '90')
  const allowed = boxes('It may', scopes)
  const form = formOf(
    'Create token',
    [field('Name', name), field('Expires after', days), allowed.root],
    '',
    async () => {
      const created = await api.createApiToken({
        name: name.value.trim(),
        scopes: allowed.read(),
        expiresInDays: Number(days.value),
      })
      onCreated()
      form.replaceWith(
        element('p', { class: 'muted', text: 'Copy the token now: it is shown only here.' }),
        copyField('Token', created.token),
      )
      cancel.textContent = 'Done'
    },
  )
  const cancel = button('Cancel', 'link', (): void => dialog.close())
  const dialog = openDialog('New API token', 'dialog', [form, cancel])
}
