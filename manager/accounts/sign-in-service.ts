import { createHash, randomBytes } from 'node:crypto'
import type { BrowserSignInView } from '../../core/api/account.ts'
import { networkOf } from '../../core/connections/client-network.ts'
import { newSignInId } from '../../core/contracts/ids.ts'
import type { Log } from '../../core/process/log.ts'
import { hashSecret } from '../access/api-token-form.ts'
import type { Principal } from '../access/principal.ts'
import { Problem } from '../http/problem.ts'
import type { Account, AccountStore } from '../store/accounts/accounts.ts'
import type { SignInStore } from '../store/accounts/sign-ins.ts'
import { emailOf } from './account-view.ts'
import type { Passwords } from './passwords.ts'
import type { SecondFactor } from './second-factor.ts'
import type { AttemptKey, SignInAttempts } from './sign-in-attempts.ts'

export interface SignInServiceDependencies {
  accounts: Pick<AccountStore, 'byEmail' | 'byId' | 'update'>
  signIns: SignInStore
  passwords: Passwords
  attempts: SignInAttempts
  secondFactor: Pick<SecondFactor, 'check'>
  log: Log
}

interface Credentials {
  email: string
  password: string
  /** Code of the second factor. */
  code?: string | undefined
}

/** What is known about the browser that signs in. */
export interface Browser {
  /** Address of the client. */
  address: string
  userAgent: string
  /** Returns an id of the browser if the account has signed in from it before. */
  knownAs(accountId: string): string | undefined
}

/** A sign-in that has begun. `secret` is for the cookie. */
export interface BegunSignIn {
  account: Account
  secret: string
  signIn: { id: string; confirmedAt: number }
}

const maxUserAgentLength = 200

export type SignInService = ReturnType<typeof createSignInService>

/**
 * Creates the operations of signing in and out, and of one's own password. Methods reject with a Problem,
 * which becomes the response. The response to a wrong password is the same whether or not the account
 * exists, and takes the same work.
 */
export function createSignInService(dependencies: SignInServiceDependencies) {
  return {
    ...createSigningIn(dependencies),
    ...createOwnPassword(dependencies),
    ...createOwnSignIns(dependencies.signIns),
  }
}

function createSigningIn(dependencies: SignInServiceDependencies) {
  const { accounts, signIns, passwords, attempts, secondFactor, log } = dependencies

  async function begin(
    account: Account,
    { address, userAgent }: Omit<Browser, 'knownAs'>,
  ): Promise<BegunSignIn> {
    const secret = newSecret()
    const now = Date.now()
    const id = newSignInId()
    await signIns.add({
      id,
      accountId: account.id,
      secretHash: hashSecret(secret),
      createdAt: now,
      seenAt: now,
      confirmedAt: now,
      address,
      userAgent: userAgent.slice(0, maxUserAgentLength),
    })
    log.info({ accountId: account.id }, 'signed in')
    return { account, secret, signIn: { id, confirmedAt: now } }
  }

  return {
    begin,

    /**
     * Signs a person in. `code` is that of the second factor, if the account has one.
     * @throws Problem `sign_in_failed`, `second_factor_required`, `wrong_code`, `too_many_attempts`,
     * `sign_in_busy`
     */
    async signIn({ email, password, code }: Credentials, browser: Browser): Promise<BegunSignIn> {
      const address = emailOf(email)
      const account = await accounts.byEmail(address)
      const known = account && browser.knownAs(account.id)
      const keys = keysOf(address, browser.address, known)
      await attempts.turn(keys)
      const isRight = await passwords.verify(password, account?.password, {
        isKnownClient: known !== undefined,
      })
      if (account && isRight && !account.disabled) {
        await secondFactor.check(account, code).catch(async (error) => {
          if (code !== undefined) await attempts.noteFailure(keys)
          throw error
        })
        for (const key of keys) if (key.kind !== 'network') await attempts.forget(key)
        return begin(account, browser)
      }
      await attempts.noteFailure(keys)
      throw new Problem('sign_in_failed', 'The e-mail address or the password is wrong')
    },
  }
}

function createOwnPassword({ accounts, signIns, passwords, attempts, log }: SignInServiceDependencies) {
  /** Checks the password of the person who has signed in. @throws Problem `wrong_password` */
  async function confirmPassword({ accountId }: Principal, password: string): Promise<Account> {
    const account = await accounts.byId(accountId ?? '')
    const keys: AttemptKey[] = [{ kind: 'browser', id: `own-${accountId}` }]
    await attempts.turn(keys)
    if (await passwords.verify(password, account?.password, { isKnownClient: true })) {
      for (const key of keys) await attempts.forget(key)
      if (account) return account
    }
    await attempts.noteFailure(keys)
    throw new Problem('wrong_password', 'This is not your password')
  }

  return {
    /** Notes that a person entered the password again. Returns the new secret of the sign-in. */
    async confirm(principal: Principal, password: string): Promise<string> {
      await confirmPassword(principal, password)
      const secret = newSecret()
      await signIns.confirm(principal.signIn?.id ?? '', hashSecret(secret), Date.now())
      return secret
    },

    /** Changes the own password. Other sign-ins end. Returns the new secret of this one. */
    async changePassword(principal: Principal, current: string, password: string): Promise<string> {
      const { id } = await confirmPassword(principal, current)
      const now = Date.now()
      await accounts.update(id, { password: await passwords.hash(password) }, now)
      await signIns.endAll(id, principal.signIn?.id)
      const secret = newSecret()
      await signIns.confirm(principal.signIn?.id ?? '', hashSecret(secret), now)
      log.info({ accountId: id }, 'password changed')
      return secret
    },
  }
}

function createOwnSignIns(signIns: SignInStore) {
  return {
    async signOut({ accountId, signIn }: Principal): Promise<void> {
      if (accountId !== null && signIn !== null) await signIns.end(accountId, signIn.id)
    },

    async list({ accountId, signIn }: Principal): Promise<{ items: BrowserSignInView[] }> {
      const all = await signIns.ofAccount(accountId ?? '')
      return {
        items: all.map(({ id, createdAt, seenAt, address, userAgent }) => ({
          id,
          createdAt: new Date(createdAt).toISOString(),
          seenAt: new Date(seenAt).toISOString(),
          address,
          userAgent,
          isCurrent: id === signIn?.id,
        })),
      }
    },

    /** @throws Problem `sign_in_not_found` */
    async end({ accountId }: Principal, id: string): Promise<void> {
      if (!(await signIns.end(accountId ?? '', id)))
        throw new Problem('sign_in_not_found', `No sign-in of yours has the id ${id}`)
    },

    endOthers: ({ accountId, signIn }: Principal): Promise<void> =>
      signIns.endAll(accountId ?? '', signIn?.id),
  }
}

/** Returns 256 random bits. */
export const newSecret = () => randomBytes(32).toString('base64url')

/** Returns by what failures are counted. A browser that the account knows is not slowed down by others. */
function keysOf(email: string, address: string, knownBrowser: string | undefined): AttemptKey[] {
  if (knownBrowser !== undefined) return [{ kind: 'browser', id: knownBrowser }]
  const account = createHash('sha256').update(email).digest('base64url').slice(0, 22)
  return [
    { kind: 'network', id: networkOf(address) },
    { kind: 'account', id: account },
  ]
}
