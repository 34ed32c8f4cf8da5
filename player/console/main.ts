import type { MeView } from '../../core/api/account.ts'
import { createCalls } from '../shared/calls.ts'
import { find } from '../shared/dom.ts'
import { openAccount } from './account.ts'
import { type Api, createApi } from './api.ts'
import { openDashboard } from './dashboard.ts'
import { openPeople } from './people.ts'
import { askPassword, createSignInStorage, signInPage } from './sign-in.ts'
import { openTokens } from './tokens.ts'

const storage = createSignInStorage()
const place = find('#console')
const bar = find('#bar')
let close = () => {}

/** Returns the calls of someone who has signed in, with a token or with the cookie. */
const apiOf = (token: string | undefined) =>
  createApi({
    token,
    confirm: () =>
      askPassword((password) => createCalls({ token }).call('POST', '/me/confirm', { password })),
  })

function showSignIn(notice = '') {
  close()
  storage.set(undefined)
  bar.hidden = true
  const page = signInPage(notice, {
    async byPassword(credentials) {
      const me = await apiOf(undefined).signIn(credentials)
      storage.set('cookie')
      show(apiOf(undefined), me)
    },
    async byToken(token) {
      const me = await apiOf(token).me()
      storage.set({ token })
      show(apiOf(token), me)
    },
  })
  place.replaceChildren(page)
}

/**
 * Shows the part of the console that the fragment of the URL names: `/people`, `/tokens`, `/account` or a
 * channel.
 */
function show(api: Api, me: MeView) {
  const isAdmin = ['owner', 'admin'].includes(me.role)
  find('#people').hidden = !isAdmin
  find('#who').textContent = me.account?.name ?? 'Admin token'
  find('#who').toggleAttribute('inert', me.account === null)
  bar.hidden = false
  let shown: string | undefined

  function route() {
    const part = /^#\/(people|tokens|account)$/.exec(location.hash)?.[1] ?? 'channels'
    if (part === shown) return
    closePart()
    shown = part
    if (part === 'people') closePart = openPeople(api, onUnauthorized)
    else if (part === 'account') closePart = openAccount(api, me, onUnauthorized)
    else if (part === 'tokens') closePart = openTokens(api, me, onUnauthorized)
    else closePart = openDashboard(api, me.role, onUnauthorized)
  }

  const onUnauthorized = () => showSignIn('You are no longer signed in.')
  let closePart = () => {}
  close = () => {
    removeEventListener('hashchange', route)
    closePart()
    close = () => {}
  }
  addEventListener('hashchange', route)
  route()
}

async function signOut() {
  if (storage.token() === undefined)
    await apiOf(undefined)
      .signOut()
      .catch(() => {})
  showSignIn()
}

async function start() {
  const token = storage.token()
  if (token === undefined && !storage.hasCookie()) return showSignIn()
  const api = apiOf(token)
  await api.me().then(
    (me) => show(api, me),
    (error: Error) => showSignIn(error.message),
  )
}

find('#sign-out').addEventListener('click', () => void signOut())
void start()
