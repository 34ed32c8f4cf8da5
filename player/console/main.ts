import { find } from '../shared/dom.ts'
import { createApi } from './api.ts'
import { openDashboard } from './dashboard.ts'
import { createTokenStorage, signInPage } from './sign-in.ts'

const storage = createTokenStorage()
const place = find('#console')
const signOut = find('#sign-out')
let closeDashboard = () => {}

function showSignIn(notice = '') {
  closeDashboard()
  closeDashboard = () => {}
  storage.set(undefined)
  signOut.hidden = true
  place.replaceChildren(
    signInPage(notice, async (token) => {
      await createApi(token).channels()
      storage.set(token)
      showDashboard(token)
    }),
  )
}

function showDashboard(token: string) {
  signOut.hidden = false
  closeDashboard = openDashboard(createApi(token), () =>
    showSignIn('The token is no longer valid. Sign in again.'),
  )
}

signOut.addEventListener('click', () => showSignIn())
const stored = storage.get()
if (stored === undefined) showSignIn()
else showDashboard(stored)
