import type { AccountView, MeView } from '../../core/api/account.ts'
import { confirmedForMs } from '../access/permissions.ts'
import type { Principal } from '../access/principal.ts'
import { Problem } from '../http/problem.ts'
import type { Account, AccountStore } from '../store/accounts/accounts.ts'
import type { ChannelStore } from '../store/channels.ts'

export interface AccountViewDependencies {
  accounts: Pick<AccountStore, 'byId' | 'grantsOf'>
  channels: Pick<ChannelStore, 'byIds'>
}

export type AccountViews = ReturnType<typeof createAccountViews>

/** Creates the forms in which responses show accounts. They contain no hash of a password. */
export function createAccountViews({ accounts, channels }: AccountViewDependencies) {
  async function viewOf(account: Account): Promise<AccountView> {
    const grants = await accounts.grantsOf(account.id)
    const known = await channels.byIds(grants.map(({ channelId }) => channelId))
    const slugs = new Map(known.map(({ id, slug }) => [id, slug]))
    const { id, email, name, role, disabled, totp, createdAt, updatedAt } = account
    return {
      id,
      email,
      name,
      role,
      disabled,
      hasSecondFactor: totp !== null,
      channels: grants.flatMap(({ channelId, role }) => {
        const channel = slugs.get(channelId)
        return channel === undefined ? [] : [{ channel, role }]
      }),
      createdAt: new Date(createdAt).toISOString(),
      updatedAt: new Date(updatedAt).toISOString(),
    }
  }

  return {
    viewOf,

    /** Returns what a principal may know about itself. */
    async meOf({ kind, accountId, role, token, signIn }: Principal): Promise<MeView> {
      const account = accountId === null ? undefined : await accounts.byId(accountId)
      return {
        kind: kind === 'anonymous' ? 'account' : kind,
        role,
        account: account === undefined ? null : await viewOf(account),
        scopes: token === null ? null : [...token.scopes],
        confirmedUntil: signIn === null ? null : new Date(signIn.confirmedAt + confirmedForMs).toISOString(),
      }
    },
  }
}

/** Returns the account with an id. @throws Problem `account_not_found` */
export async function findAccount(accounts: Pick<AccountStore, 'byId'>, id: string): Promise<Account> {
  const account = await accounts.byId(id)
  if (!account) throw accountNotFound(id)
  return account
}

export const accountNotFound = (id: string) => new Problem('account_not_found', `No account has the id ${id}`)

/** Returns an e-mail address as it is stored and compared. */
export const emailOf = (text: string) => text.normalize('NFKC').toLowerCase()

export const emailTaken = () =>
  new Problem('email_taken', 'Another account has this e-mail address', {
    fieldErrors: [{ in: 'body', field: 'email', message: 'is taken' }],
  })
