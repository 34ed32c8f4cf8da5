import { channelRoles, type Role } from '../../../core/api/roles.ts'
import type { Account } from './accounts.ts'
import type { AccountDatabase, LinkRow } from './tables.ts'

/** `owner`: creates the first account; `invitation`: creates an account; `password`: sets a password. */
type LinkPurpose = 'owner' | 'invitation' | 'password'

/** A link that works once. Times are ms since the epoch. */
export interface OneTimeLink {
  id: string
  purpose: LinkPurpose
  /** Account whose password is set; null for the other purposes. */
  accountId: string | null
  /** Role of the invited account; null for the purpose `password`. */
  role: Role | null
  /** Ids of the channels on which the invited account has its role; null: none in particular. */
  channels: string[] | null
  /** Who it is for, as the inviter noted it. */
  note: string
  createdAt: number
  expiresAt: number
}

/** Why an account was not created. `taken`: another account has this e-mail address. */
type JoinRefusal = 'gone' | 'taken'

/** Thrown to roll back a transaction. */
class Refused extends Error {
  readonly refusal: JoinRefusal

  constructor(refusal: JoinRefusal) {
    super(refusal)
    this.refusal = refusal
  }
}

export type LinkStore = ReturnType<typeof createLinkStore>

/** Creates the store of one-time links in SQL, and of the accounts that they create. */
export function createLinkStore(database: AccountDatabase) {
  return { ...createLinks(database), ...createJoining(database) }
}

function createLinks(database: AccountDatabase) {
  const usable = (now: number) =>
    database
      .selectFrom('one_time_links')
      .selectAll()
      .where('used_at', 'is', null)
      .where('expires_at', '>', now)
  return {
    /**
     * Adds a link. Returns false when `maxLinks` are usable. A new link to set a password replaces the
     * previous one of the account.
     */
    add: (link: OneTimeLink, secretHash: string, maxLinks: number): Promise<boolean> =>
      database.transaction().execute(async (db) => {
        await db.deleteFrom('one_time_links').where('expires_at', '<=', link.createdAt).execute()
        if (link.accountId !== null)
          await db.deleteFrom('one_time_links').where('account_id', '=', link.accountId).execute()
        const known = await db.selectFrom('one_time_links').select('id').limit(maxLinks).execute()
        if (known.length >= maxLinks) return false
        await db.insertInto('one_time_links').values(rowOf(link, secretHash)).execute()
        return true
      }),

    /** Returns the link with this secret if it can still be used. */
    async bySecret(secretHash: string, now: number): Promise<OneTimeLink | undefined> {
      const row = await usable(now).where('secret_hash', '=', secretHash).executeTakeFirst()
      return row && linkOf(row)
    },

    async byId(id: string): Promise<OneTimeLink | undefined> {
      const row = await database
        .selectFrom('one_time_links')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst()
      return row && linkOf(row)
    },

    /** Returns at most `limit` usable invitations, in the order of their ids, starting after `after`. */
    async invitations(now: number, limit: number, after: string | undefined): Promise<OneTimeLink[]> {
      let query = usable(now).where('purpose', '=', 'invitation').orderBy('id').limit(limit)
      if (after !== undefined) query = query.where('id', '>', after)
      return (await query.execute()).map(linkOf)
    },

    /** Withdraws an invitation. Returns false when there was none. */
    async withdraw(id: string): Promise<boolean> {
      const { numDeletedRows } = await database
        .deleteFrom('one_time_links')
        .where('id', '=', id)
        .where('purpose', '=', 'invitation')
        .executeTakeFirst()
      return numDeletedRows === 1n
    },
  }
}

function createJoining(database: AccountDatabase) {
  return {
    /**
     * Creates the account that a link permits, with the role of the link, and uses the link up. A link of the
     * purpose `owner` works only while there is no account.
     */
    join: (secretHash: string, account: Omit<Account, 'role'>): Promise<Account | JoinRefusal> =>
      orRefusal(() =>
        database.transaction().execute(async (db) => {
          const link = await useUp(db, secretHash, account.createdAt)
          if (link === undefined || link.role === null) throw new Refused('gone')
          const first = await db.selectFrom('accounts').select('id').limit(1).executeTakeFirst()
          if (link.purpose === 'owner' && first !== undefined) throw new Refused('gone')
          const joined: Account = { ...account, role: link.role }
          await insertAccount(db, joined)
          const role = channelRoles.find((each) => each === link.role)
          for (const channelId of role === undefined ? [] : (link.channels ?? []))
            await db
              .insertInto('channel_roles')
              .values({ account_id: account.id, channel_id: channelId, role: role ?? '' })
              .execute()
          return joined
        }),
      ),

    /** Creates an account without a link. */
    signUp: (account: Account): Promise<Account | JoinRefusal> =>
      orRefusal(async () => {
        await insertAccount(database, account)
        return account
      }),

    /**
     * Sets the password of the account that a link of this purpose names, uses the link up, and ends the
     * account's sign-ins. Returns the id of the account; undefined when the link cannot be used.
     */
    resetPassword: (secretHash: string, password: string, now: number): Promise<string | undefined> =>
      database.transaction().execute(async (db) => {
        const link = await useUp(db, secretHash, now)
        if (link === undefined || link.accountId === null) return undefined
        await db
          .updateTable('accounts')
          .set({ password, updated_at: now })
          .where('id', '=', link.accountId)
          .execute()
        await db.deleteFrom('sign_ins').where('account_id', '=', link.accountId).execute()
        return link.accountId
      }),
  }
}

async function orRefusal(work: () => Promise<Account>): Promise<Account | JoinRefusal> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Refused) return error.refusal
    throw error
  }
}

/** Marks a link as used. Returns it; undefined when it was used, has expired or does not exist. */
async function useUp(db: AccountDatabase, secretHash: string, now: number): Promise<OneTimeLink | undefined> {
  const row = await db
    .updateTable('one_time_links')
    .set({ used_at: now })
    .where('secret_hash', '=', secretHash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returningAll()
    .executeTakeFirst()
  return row && linkOf(row)
}

/** @throws Refused `taken` */
async function insertAccount(db: AccountDatabase, account: Account): Promise<void> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('accounts')
    .values({
      id: account.id,
      email: account.email,
      name: account.name,
      password: account.password,
      role: account.role,
      disabled: Number(account.disabled),
      totp_sealed: null,
      totp_step: 0,
      recovery: null,
      created_at: account.createdAt,
      updated_at: account.updatedAt,
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .executeTakeFirst()
  if (numInsertedOrUpdatedRows !== 1n) throw new Refused('taken')
}

function linkOf(row: LinkRow): OneTimeLink {
  return {
    id: row.id,
    purpose: row.purpose as LinkPurpose,
    accountId: row.account_id,
    role: row.role as Role | null,
    channels: row.channels === null ? null : (JSON.parse(row.channels) as string[]),
    note: row.note,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}

function rowOf(link: OneTimeLink, secretHash: string): LinkRow {
  return {
    id: link.id,
    secret_hash: secretHash,
    purpose: link.purpose,
    account_id: link.accountId,
    role: link.role,
    channels: link.channels === null ? null : JSON.stringify(link.channels),
    note: link.note,
    created_at: link.createdAt,
    expires_at: link.expiresAt,
    used_at: null,
  }
}
