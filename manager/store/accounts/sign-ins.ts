import { type Account, accountOf } from './accounts.ts'
import type { AccountDatabase, SignInRow } from './tables.ts'

/** A browser that has signed in. Times are ms since the epoch. */
interface SignIn {
  id: string
  accountId: string
  createdAt: number
  seenAt: number
  /** When the password was last entered. */
  confirmedAt: number
  /** Address of the client at the last use. */
  address: string
  userAgent: string
}

export interface NewSignIn extends SignIn {
  /** SHA-256 of the secret in the cookie, lower-case hex. */
  secretHash: string
}

/** Maximum number of sign-ins of an account. Beyond it, the oldest ends. */
const maxPerAccount = 50

export type SignInStore = ReturnType<typeof createSignInStore>

/** Creates the store of sign-ins in SQL. */
export function createSignInStore(database: AccountDatabase) {
  return { ...createSignInQueries(database), ...createSignInChanges(database) }
}

function createSignInQueries(database: AccountDatabase) {
  return {
    /** Returns the sign-in with this secret and its account. */
    async bySecret(secretHash: string): Promise<{ signIn: SignIn; account: Account } | undefined> {
      const row = await database
        .selectFrom('sign_ins')
        .selectAll()
        .where('secret_hash', '=', secretHash)
        .executeTakeFirst()
      if (row === undefined) return undefined
      const account = await database
        .selectFrom('accounts')
        .selectAll()
        .where('id', '=', row.account_id)
        .executeTakeFirst()
      return account && { signIn: signInOf(row), account: accountOf(account) }
    },

    /** Returns the sign-ins of an account, newest first. */
    ofAccount: async (accountId: string): Promise<SignIn[]> =>
      (
        await database
          .selectFrom('sign_ins')
          .selectAll()
          .where('account_id', '=', accountId)
          .orderBy('created_at', 'desc')
          .orderBy('id')
          .limit(maxPerAccount)
          .execute()
      ).map(signInOf),
  }
}

function createSignInChanges(database: AccountDatabase) {
  return {
    /** Adds a sign-in. Ends the oldest ones of the account beyond `maxPerAccount`. */
    add: (signIn: NewSignIn): Promise<void> =>
      database.transaction().execute(async (db) => {
        await db
          .insertInto('sign_ins')
          .values({
            id: signIn.id,
            account_id: signIn.accountId,
            secret_hash: signIn.secretHash,
            created_at: signIn.createdAt,
            seen_at: signIn.seenAt,
            confirmed_at: signIn.confirmedAt,
            address: signIn.address,
            user_agent: signIn.userAgent,
          })
          .execute()
        const ids = await db
          .selectFrom('sign_ins')
          .select('id')
          .where('account_id', '=', signIn.accountId)
          .orderBy('created_at', 'desc')
          .orderBy('id')
          .offset(maxPerAccount)
          .limit(maxPerAccount)
          .execute()
        const excess = ids.map(({ id }) => id)
        if (excess.length > 0) await db.deleteFrom('sign_ins').where('id', 'in', excess).execute()
      }),

    async noteUse(id: string, seenAt: number, address: string): Promise<void> {
      await database.updateTable('sign_ins').set({ seen_at: seenAt, address }).where('id', '=', id).execute()
    },

    /** Notes that the password was entered again. The sign-in gets a new secret. */
    async confirm(id: string, secretHash: string, confirmedAt: number): Promise<void> {
      await database
        .updateTable('sign_ins')
        .set({ secret_hash: secretHash, confirmed_at: confirmedAt, seen_at: confirmedAt })
        .where('id', '=', id)
        .execute()
    },

    /** Ends one sign-in of an account. Returns false when there was none. */
    async end(accountId: string, id: string): Promise<boolean> {
      const { numDeletedRows } = await database
        .deleteFrom('sign_ins')
        .where('account_id', '=', accountId)
        .where('id', '=', id)
        .executeTakeFirst()
      return numDeletedRows === 1n
    },

    /** Ends the sign-ins of an account, except the one with the id `kept`. */
    async endAll(accountId: string, kept?: string): Promise<void> {
      let query = database.deleteFrom('sign_ins').where('account_id', '=', accountId)
      if (kept !== undefined) query = query.where('id', '!=', kept)
      await query.execute()
    },

    /** Removes sign-ins that were last used before `seenBefore` or are older than `createdBefore`. */
    async removeOld(seenBefore: number, createdBefore: number): Promise<void> {
      await database
        .deleteFrom('sign_ins')
        .where((where) =>
          where.or([where('seen_at', '<', seenBefore), where('created_at', '<', createdBefore)]),
        )
        .execute()
    },
  }
}

function signInOf(row: SignInRow): SignIn {
  return {
    id: row.id,
    accountId: row.account_id,
    createdAt: row.created_at,
    seenAt: row.seen_at,
    confirmedAt: row.confirmed_at,
    address: row.address,
    userAgent: row.user_agent,
  }
}
