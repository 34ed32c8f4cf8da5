import type { AccountView, InvitationView } from '../../core/api/account.ts'
import { type Role, roles } from '../../core/api/roles.ts'
import { find } from '../shared/dom.ts'
import { button, element } from '../shared/element.ts'
import type { Api } from './api.ts'
import { confirm, openDialog } from './confirm.ts'
import { boxes, dropDown, field, input } from './form.ts'
import { createNotice } from './notice.ts'
import { formOf } from './sign-in.ts'
import { copyField } from './stream-key.ts'
import { table } from './table.ts'

const roleTexts: Record<Role, string> = {
  owner: 'Owner – everything',
  admin: 'Admin – everything but owners',
  producer: 'Producer – all channels, keys and streams',
  streamer: 'Streamer – own channels only',
  moderator: 'Moderator – sees all channels',
  viewer: 'Viewer – sees figures of all channels',
}

const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })

/** Shows accounts and invitations until the returned function is called. */
export function openPeople(api: Api, onUnauthorized: () => void): () => void {
  const notice = createNotice(onUnauthorized)
  const list = element('div')
  const invited = element('div')

  async function refresh() {
    const [accounts, invitations] = await Promise.all([api.accounts(), api.invitations()])
    list.replaceChildren(
      table(
        ['Name', 'Role', 'Channels', ''],
        accounts.toSorted((a, b) => a.name.localeCompare(b.name)).map(accountRow),
      ),
    )
    invited.hidden = invitations.length === 0
    invited.replaceChildren(
      element('h2', { text: 'Invited' }),
      table(['For', 'Role', 'Expires', ''], invitations.map(invitationRow)),
    )
  }

  /** Runs an action and shows its effect. */
  const act = async (action: () => Promise<unknown>) => {
    await notice.attempt(action)
    await notice.attempt(refresh)
  }

  function accountRow(account: AccountView): HTMLElement {
    const { id, name, email, role, disabled, channels } = account
    const select = dropDown('role', roles, shortRoles, role)
    select.setAttribute('aria-label', `Role of ${name}`)
    select.addEventListener('change', () => act(() => api.changeAccount(id, { role: select.value as Role })))
    return element(
      'tr',
      {},
      element('td', {}, element('strong', { text: name }), element('div', { class: 'muted', text: email })),
      element('td', {}, select),
      element('td', { text: channels.map(({ channel, role }) => `${channel} (${role})`).join(', ') || '–' }),
      element(
        'td',
        { class: 'row-actions' },
        button('New password…', 'link', () => act(() => showPasswordLink(api, account))),
        button(disabled ? 'Enable' : 'Disable', 'link', () =>
          act(() => api.changeAccount(id, { disabled: !disabled })),
        ),
        button('Delete…', 'link danger-text', async () => {
          const consequence = 'Its sign-ins and API tokens end. Channels stay.'
          if (await confirm(`Delete the account of ${name}?`, consequence, 'Delete'))
            await act(() => api.removeAccount(id))
        }),
      ),
    )
  }

  const invitationRow = ({ id, note, role, expiresAt }: InvitationView): HTMLElement =>
    element(
      'tr',
      {},
      element('td', { text: note || '–' }),
      element('td', { text: role }),
      element('td', { text: date.format(new Date(expiresAt)) }),
      element(
        'td',
        {},
        button('Withdraw', 'link', () => act(() => api.withdraw(id))),
      ),
    )

  const invite = button('Invite…', 'primary', () => act(() => openInvitation(api, () => act(async () => {}))))
  const head = element('div', { class: 'list-head' }, element('h1', { text: 'People' }), invite)
  find('#console').replaceChildren(element('div', { class: 'wide stack' }, head, list, invited))
  void notice.attempt(refresh)
  return () => notice.close()
}

const shortRoles = Object.fromEntries(roles.map((role) => [role, role])) as Record<Role, string>

async function showPasswordLink(api: Api, { id, name }: AccountView): Promise<void> {
  const { link } = await api.passwordLink(id)
  showLink(`Link for ${name} to choose a new password`, link, 'It works once, for a day.')
}

/** Opens a dialog with a link to copy. */
function showLink(title: string, link: string, hint: string): void {
  const dialog = openDialog(title, 'dialog', [
    element('p', { class: 'muted', text: `${hint} It is shown only here.` }),
    copyField('Link', link),
    element(
      'div',
      { class: 'actions end' },
      button('Done', 'primary', (): void => dialog.close()),
    ),
  ])
}

/** Opens the dialog for an invitation. `onInvited` is called when there is one more. */
async function openInvitation(api: Api, onInvited: () => void): Promise<void> {
  const slugs = (await api.channels()).map(({ slug }) => slug)
  const note = input('note', { maxlength: '200', required: '', autocomplete: 'off' })
  const role = dropDown('role', roles, roleTexts, 'streamer')
  const channels = boxes('Channels', slugs.slice(0, 50))
  const form = formOf(
    'Create link',
    [field('For', note, 'A name, for your own notes.'), field('Role', role), channels.root],
    '',
    async () => {
      const chosen = channels.read()
      const invitation = { role: role.value as Role, note: note.value.trim() }
      const { link } = await api.invite(
        chosen.length === 0 ? invitation : { ...invitation, channels: chosen },
      )
      dialog.close()
      onInvited()
      showLink('Send this link', link, 'It works once, for a week.')
    },
  )
  const dialog = openDialog('Invite a person', 'dialog', [
    form,
    button('Cancel', 'link', (): void => dialog.close()),
  ])
}
