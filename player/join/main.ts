import type { LinkInfoView, MeView } from '../../core/api/account.ts'
import { field, input } from '../console/form.ts'
import { createSignInStorage, formOf } from '../console/sign-in.ts'
import { createCalls } from '../shared/calls.ts'
import { find } from '../shared/dom.ts'
import { element } from '../shared/element.ts'

/** The token of the link. It is in the fragment, which browsers send to no server. */
const token = location.hash.slice(1)
const { call } = createCalls({ base: '../v1' })
const place = find('#join')

const newPassword = () =>
  input('password', {
    type: 'password',
    autocomplete: 'new-password',
    minlength: '8',
    maxlength: '128',
    required: '',
  })

function show(heading: string, text: string, ...children: HTMLElement[]) {
  place.replaceChildren(
    element(
      'div',
      { class: 'card sign-in stack' },
      element('h1', { text: heading }),
      element('p', { class: 'muted', text }),
      ...children,
    ),
  )
  place.querySelector('input')?.focus()
}

/** Shows the form for a new account. The link is left only when it has been used. */
function showSignUp(heading: string, text: string) {
  const name = input('name', { autocomplete: 'name', maxlength: '100', required: '' })
  const email = input('email', { type: 'email', autocomplete: 'username', maxlength: '254', required: '' })
  const password = newPassword()
  const fields = [
    field('Name', name),
    field('E-mail', email),
    field('Password', password, 'At least 8 characters.'),
  ]
  const form = formOf('Create account', fields, '', async () => {
    const values = { name: name.value.trim(), email: email.value.trim(), password: password.value }
    const me = await call<MeView>('POST', '/sign-up', token === '' ? values : { token, ...values })
    createSignInStorage().set('cookie')
    const [first] = me.account?.channels ?? []
    location.replace(`../console${first ? `#${first.channel}` : ''}`)
  })
  show(heading, text, form)
}

function showReset({ note }: LinkInfoView) {
  const password = newPassword()
  const form = formOf(
    'Set password',
    [field('New password', password, 'At least 8 characters.')],
    '',
    async () => {
      await call<void>('POST', '/password-reset', { token, password: password.value })
      location.replace('../console')
    },
  )
  show('Choose a new password', `For ${note}. You are signed out everywhere.`, form)
}

async function start() {
  if (token === '')
    return showSignUp('Create an account', 'You may stream once a channel is assigned to you.')
  try {
    const link = await call<LinkInfoView>('POST', '/links', { token })
    if (link.purpose === 'password') return showReset(link)
    if (link.purpose === 'owner')
      return showSignUp('Welcome', 'Create the first account. It is the owner of this server.')
    showSignUp('You are invited', `Create your account as ${link.role}.`)
  } catch (error) {
    show('This link does not work', (error as Error).message)
  }
}

void start()
