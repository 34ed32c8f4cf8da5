import type { AccountTraits, AccountView, ChannelRoleListView, NewAccount } from '../../core/api/account.ts'
import type { ListPage } from '../../core/api/common.ts'
import { type ChannelRole, type Role, roles } from '../../core/api/roles.ts'
import { newAccountId } from '../../core/contracts/ids.ts'
import type { Log } from '../../core/process/log.ts'
import type { Principal } from '../access/principal.ts'
import { findChannel } from '../channels/find-channel.ts'
import { readListPage } from '../http/list-page.ts'
import { Problem } from '../http/problem.ts'
import type { AccountStore } from '../store/accounts/accounts.ts'
import type { LinkStore } from '../store/accounts/one-time-links.ts'
import type { SignInStore } from '../store/accounts/sign-ins.ts'
import type { ChannelStore } from '../store/channels.ts'
import { type AccountViews, accountNotFound, emailOf, emailTaken, findAccount } from './account-view.ts'
import type { Passwords } from './passwords.ts'

export interface AccountServiceDependencies {
  accounts: AccountStore
  links: Pick<LinkStore, 'signUp'>
  signIns: Pick<SignInStore, 'endAll'>
  channels: Pick<ChannelStore, 'bySlug'>
  passwords: Passwords
  views: AccountViews
  log: Log
}

/** Maximum number of channels on which an account has a role. */
const maxGrants = 500
/** Maximum number of accounts with a role on one channel that a response lists. */
const maxListed = 500

export type AccountService = ReturnType<typeof createAccountService>

/**
 * Creates the operations of `/v1/accounts` and of roles on channels. Methods reject with a Problem, which
 * becomes the response. An account of the role `owner` is changed by owners only.
 */
export function createAccountService(dependencies: AccountServiceDependencies) {
  return { ...createAccountOperations(dependencies), ...createRoleOperations(dependencies) }
}

function createAccountOperations(dependencies: AccountServiceDependencies) {
  const { accounts, links, signIns, passwords, views, log } = dependencies
  return {
    /** @throws Problem `email_taken`, `sign_in_busy`; `forbidden` for a role above the own one */
    async create(admin: Principal, { email, name, role, password }: NewAccount): Promise<AccountView> {
      requireRank(admin, role)
      const now = Date.now()
      const created = await links.signUp({
        id: newAccountId(),
        email: emailOf(email),
        name: name.normalize('NFC'),
        password: await passwords.hash(password),
        role,
        disabled: false,
        totp: null,
        createdAt: now,
        updatedAt: now,
      })
      if (typeof created === 'string') throw emailTaken()
      log.info({ accountId: created.id, role }, 'account created')
      return views.viewOf(created)
    },

    list: async (limit: number, cursor: string | undefined): Promise<ListPage<AccountView>> => {
      const { items, nextCursor } = await readListPage(limit, {
        read: (limit) => accounts.page(limit, cursor),
        itemOf: views.viewOf,
        cursorAfter: ({ id }) => id,
      })
      return { items: await Promise.all(items), nextCursor }
    },

    get: async (id: string): Promise<AccountView> => views.viewOf(await findAccount(accounts, id)),

    /**
     * Changes an account. An account that is disabled is signed out.
     * @throws Problem `account_not_found`, `email_taken`, `last_owner`; `forbidden` for a role above the own
     */
    async change(admin: Principal, id: string, { email, ...traits }: AccountTraits): Promise<AccountView> {
      const account = await findAccount(accounts, id)
      requireRank(admin, account.role)
      if (traits.role !== undefined) requireRank(admin, traits.role)
      const changes = { ...traits, ...(email === undefined ? {} : { email: emailOf(email) }) }
      const other = changes.email === undefined ? undefined : await accounts.byEmail(changes.email)
      if (other !== undefined && other.id !== id) throw emailTaken()
      if ((await accounts.update(id, changes, Date.now())) === undefined) throw lastOwner()
      if (traits.disabled === true) await signIns.endAll(id)
      log.info({ accountId: id, fields: Object.keys(changes) }, 'account changed')
      return views.viewOf(await findAccount(accounts, id))
    },

    /** Removes an account with its tokens. @throws Problem `account_not_found`, `last_owner`, `forbidden` */
    async remove(admin: Principal, id: string): Promise<void> {
      const account = await findAccount(accounts, id)
      requireRank(admin, account.role)
      if ((await accounts.remove(id)) === undefined) throw lastOwner()
      log.info({ accountId: id }, 'account removed')
    },

    /** @throws Problem `account_not_found`; `forbidden` for an account of higher role */
    async requireRank(admin: Principal, id: string): Promise<void> {
      requireRank(admin, (await findAccount(accounts, id)).role)
    },

    /** Ends all sign-ins of an account. @throws Problem `account_not_found`, `forbidden` */
    async signOut(admin: Principal, id: string): Promise<void> {
      const account = await findAccount(accounts, id)
      requireRank(admin, account.role)
      await signIns.endAll(id)
    },
  }
}

function createRoleOperations({ accounts, channels, log }: AccountServiceDependencies) {
  return {
    /** Lists who has a role on a channel, besides those whose role is on all. */
    async roles(slug: string): Promise<ChannelRoleListView> {
      const { id } = await findChannel(channels, slug)
      const grants = await accounts.grantsOn(id, maxListed)
      const items = await Promise.all(
        grants.map(async ({ accountId, role }) => {
          const account = await accounts.byId(accountId)
          const { email = '', name = '' } = account ?? {}
          return { account: accountId, email, name, role }
        }),
      )
      return { items }
    },

    /** @throws Problem `channel_not_found`, `account_not_found`, `too_many_roles` */
    async putRole(slug: string, accountId: string, role: ChannelRole): Promise<void> {
      const { id } = await findChannel(channels, slug)
      if ((await accounts.byId(accountId)) === undefined) throw accountNotFound(accountId)
      if ((await accounts.grantsOf(accountId)).length >= maxGrants)
        throw new Problem('too_many_roles', `An account has a role on at most ${maxGrants} channels`)
      await accounts.putGrant(accountId, { channelId: id, role })
      log.info({ slug, accountId, role }, 'role on a channel set')
    },

    /** @throws Problem `channel_not_found`, `role_not_found` */
    async removeRole(slug: string, accountId: string): Promise<void> {
      const { id } = await findChannel(channels, slug)
      if (!(await accounts.removeGrant(accountId, id)))
        throw new Problem('role_not_found', `The account ${accountId} has no role on ${slug}`)
      log.info({ slug, accountId }, 'role on a channel removed')
    },
  }
}

/** Refuses to assign or change a role above the own one. @throws Problem `forbidden` */
export function requireRank({ role: own }: Principal, role: Role): void {
  if (roles.indexOf(role) >= roles.indexOf(own)) return
  throw new Problem('forbidden', `Only an owner may do this to an account with the role ${role}`)
}

const lastOwner = () => new Problem('last_owner', 'Make another account an owner first')
