import type {
  CreatedInvitationView,
  InvitationView,
  LinkInfoView,
  LinkView,
  NewInvitation,
  SignUp,
} from '../../core/api/account.ts'
import type { ListPage } from '../../core/api/common.ts'
import { networkOf } from '../../core/connections/client-network.ts'
import { newAccountId, newLinkId } from '../../core/contracts/ids.ts'
import type { Log } from '../../core/process/log.ts'
import { hashSecret } from '../access/api-token-form.ts'
import type { Principal } from '../access/principal.ts'
import { findChannel } from '../channels/find-channel.ts'
import { readListPage } from '../http/list-page.ts'
import { Problem } from '../http/problem.ts'
import type { HostHeader, PublicUrls } from '../http/public-urls.ts'
import type { Account, AccountStore } from '../store/accounts/accounts.ts'
import type { LinkStore, OneTimeLink } from '../store/accounts/one-time-links.ts'
import type { ChannelStore } from '../store/channels.ts'
import { requireRank } from './account-service.ts'
import { emailOf, emailTaken, findAccount } from './account-view.ts'
import type { Passwords } from './passwords.ts'
import type { SignInAttempts } from './sign-in-attempts.ts'
import { newSecret } from './sign-in-service.ts'

/** Who may create an account for themselves: everyone, the invited, or no one. */
export type SignUpMode = 'open' | 'invitation' | 'closed'

export interface JoinServiceDependencies {
  accounts: Pick<AccountStore, 'byId'>
  links: LinkStore
  channels: Pick<ChannelStore, 'bySlug'>
  passwords: Passwords
  attempts: Pick<SignInAttempts, 'turn' | 'noteFailure'>
  urls: Pick<PublicUrls, 'join'>
  signUp: SignUpMode
  /** Called when there is a first account, so that its link is no longer offered. */
  onFirstAccount(): void
  log: Log
}

const dayMs = 24 * 3_600_000
/** Time for which a link to set a password works, ms. */
const passwordLinkMs = dayMs
/** Maximum number of links that are not used up. */
const maxLinks = 1000

export type JoinService = ReturnType<typeof createJoinService>

/**
 * Creates the operations by which people get accounts and new passwords. Methods reject with a Problem, which
 * becomes the response.
 */
export function createJoinService(dependencies: JoinServiceDependencies) {
  return { ...createInviting(dependencies), ...createJoining(dependencies) }
}

function createInviting({ accounts, links, channels, urls, signUp, log }: JoinServiceDependencies) {
  async function addLink(fields: Omit<OneTimeLink, 'id' | 'createdAt'>) {
    const token = newSecret()
    const link: OneTimeLink = { ...fields, id: newLinkId(), createdAt: Date.now() }
    if (!(await links.add(link, hashSecret(token), maxLinks)))
      throw new Problem('too_many_links', `There are ${maxLinks} unused links; withdraw some first`)
    return { link, token }
  }

  return {
    /**
     * Creates an invitation.
     * @throws Problem `sign_up_closed`, `channel_not_found`, `too_many_links`; `forbidden` when the role is
     * higher than that of the inviter
     */
    async invite(
      inviter: Principal,
      request: NewInvitation,
      host: HostHeader,
    ): Promise<CreatedInvitationView> {
      if (signUp === 'closed') throw new Problem('sign_up_closed', 'NOWCAST_SIGN_UP is closed')
      requireRank(inviter, request.role)
      const { role, channels: slugs = [], note = '', expiresInDays = 7 } = request
      const chosen = await Promise.all(slugs.map((slug) => findChannel(channels, slug)))
      const { link, token } = await addLink({
        purpose: 'invitation',
        accountId: null,
        role,
        channels: chosen.length === 0 ? null : chosen.map(({ id }) => id),
        note,
        expiresAt: Date.now() + expiresInDays * dayMs,
      })
      log.info({ linkId: link.id, role }, 'invitation created')
      return { ...invitationView(link), link: urls.join(token, host) }
    },

    invitations: (limit: number, cursor: string | undefined): Promise<ListPage<InvitationView>> =>
      readListPage(limit, {
        read: (limit) => links.invitations(Date.now(), limit, cursor),
        itemOf: invitationView,
        cursorAfter: ({ id }) => id,
      }),

    /** @throws Problem `invitation_not_found` */
    async withdraw(id: string): Promise<void> {
      if (!(await links.withdraw(id)))
        throw new Problem('invitation_not_found', `No unused invitation has the id ${id}`)
    },

    /**
     * Creates a link with which the holder of an account sets a new password. It replaces a previous one.
     * @throws Problem `account_not_found`, `too_many_links`; `forbidden` for an account of higher role
     */
    async passwordLink(admin: Principal, accountId: string, host: HostHeader): Promise<LinkView> {
      const account = await findAccount(accounts, accountId)
      requireRank(admin, account.role)
      const expiresAt = Date.now() + passwordLinkMs
      const { token } = await addLink({
        purpose: 'password',
        accountId,
        role: null,
        channels: null,
        note: account.email,
        expiresAt,
      })
      log.info({ accountId }, 'link for a new password created')
      return { link: urls.join(token, host), expiresAt: new Date(expiresAt).toISOString() }
    },
  }
}

function createJoining(dependencies: JoinServiceDependencies) {
  const { links, passwords, attempts, signUp, onFirstAccount, log } = dependencies

  async function admitWithoutLink(address: string): Promise<void> {
    if (signUp !== 'open') throw new Problem('sign_up_closed', 'An account needs an invitation here')
    const keys = [{ kind: 'sign-up', id: networkOf(address) }] as const
    await attempts.noteFailure(keys)
    await attempts.turn(keys)
  }

  return {
    /** Returns what a link is for. @throws Problem `link_gone` */
    async inspect(token: string): Promise<LinkInfoView> {
      const link = await links.bySecret(hashSecret(token), Date.now())
      if (link === undefined) throw linkGone()
      const { purpose, role, note, expiresAt } = link
      return { purpose, role, note, expiresAt: new Date(expiresAt).toISOString() }
    },

    /**
     * Creates an account: with a link the one that it permits, otherwise that of a streamer without channels.
     * `address` is that of the client; a network cannot create many accounts without links.
     * @throws Problem `link_gone`, `email_taken`, `sign_up_closed`, `sign_in_busy`, `too_many_attempts`
     */
    async join({ token, email, name, password }: SignUp, address: string): Promise<Account> {
      if (token === undefined) await admitWithoutLink(address)
      // Checked before the password is hashed, which costs much.
      if (token !== undefined && (await links.bySecret(hashSecret(token), Date.now())) === undefined)
        throw linkGone()
      const hash = await passwords.hash(password, { isKnownClient: token !== undefined })
      const now = Date.now()
      const fields = {
        id: newAccountId(),
        email: emailOf(email),
        name: name.normalize('NFC'),
        password: hash,
        disabled: false,
        totp: null,
        createdAt: now,
        updatedAt: now,
      }
      const joined = await (token === undefined
        ? links.signUp({ ...fields, role: 'streamer' })
        : links.join(hashSecret(token), fields))
      if (joined === 'gone') throw linkGone()
      if (joined === 'taken') throw emailTaken()
      if (joined.role === 'owner') onFirstAccount()
      log.info({ accountId: joined.id, role: joined.role }, 'account created')
      return joined
    },

    /** Sets a new password with a link. All sign-ins end. @throws Problem `link_gone`, `sign_in_busy` */
    async resetPassword(token: string, password: string): Promise<string> {
      const link = await links.bySecret(hashSecret(token), Date.now())
      if (link?.purpose !== 'password') throw linkGone()
      const accountId = await links.resetPassword(
        hashSecret(token),
        await passwords.hash(password),
        Date.now(),
      )
      if (accountId === undefined) throw linkGone()
      log.info({ accountId }, 'password reset')
      return accountId
    },
  }
}

const linkGone = () => new Problem('link_gone', 'The link was used, has expired, or is not complete')

const invitationView = ({ id, role, note, createdAt, expiresAt }: OneTimeLink): InvitationView => ({
  id,
  role: role ?? 'viewer',
  note,
  createdAt: new Date(createdAt).toISOString(),
  expiresAt: new Date(expiresAt).toISOString(),
})
