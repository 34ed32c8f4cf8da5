import { find } from '../shared/dom.ts'
import { createApi } from './api.ts'
import { openDesk } from './dashboard.ts'
import { signInPage } from './sign-in.ts'
import { createTokenKeeper } from './token.ts'

const token = createTokenKeeper()
const place = find('#console')
const signOut = find('#sign-out')
let closeDesk = () => {}

function askForToken(notice = '') {
  closeDesk()
  closeDesk = () => {}
  token.keep(undefined)
  signOut.hidden = true
  place.replaceChildren(
    signInPage(notice, async (given) => {
      await createApi(given).channels()
      token.keep(given)
      open(given)
    }),
  )
}

function open(given: string) {
  signOut.hidden = false
  closeDesk = openDesk(createApi(given), () => askForToken('The token is no longer valid. Sign in again.'))
}

signOut.addEventListener('click', () => askForToken())
const kept = token.read()
if (kept === undefined) askForToken()
else open(kept)
