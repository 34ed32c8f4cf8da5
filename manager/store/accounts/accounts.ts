import type { ChannelRole, Role } from '../../../core/api/roles.ts'
import type { AccountDatabase, AccountRow } from './tables.ts'

/** Codes of an authenticator app. */
interface Totp {
  /** Sealed secret. */
  sealed: string
  /** Step of the newest code that was used. */
  step: number
  /** SHA-256 of the unused recovery codes, lower-case hex. */
  recovery: string[]
}

export interface Account {
  id: string
  /** In lower case. */
  email: string
  name: string
  /** Hash in PHC form. */
  password: string
  role: Role
  /** A disabled account cannot sign in, and its tokens do not work. */
  disabled: boolean
  /** Second factor; null: the password alone suffices. */
  totp: Totp | null
  /** When the account was created and last changed, ms since the epoch. */
  createdAt: number
  updatedAt: number
}

type AccountChanges = Partial<Pick<Account, 'email' | 'name' | 'password' | 'role' | 'disabled' | 'totp'>>

/** Role of an account on one channel. */
interface ChannelGrant {
  channelId: string
  role: ChannelRole
}

export type AccountStore = ReturnType<typeof createAccountStore>

/** Creates the store of accounts in SQL. */
export function createAccountStore(database: AccountDatabase) {
  return {
    ...createAccountQueries(database),
    ...createAccountChanges(database),
    ...createCodeUse(database),
    ...createGrants(database),
  }
}

function createAccountQueries(database: AccountDatabase) {
  const accounts = () => database.selectFrom('accounts').selectAll()
  return {
    async byId(id: string): Promise<Account | undefined> {
      const row = await accounts().where('id', '=', id).executeTakeFirst()
      return row && accountOf(row)
    },

    async byEmail(email: string): Promise<Account | undefined> {
      const row = await accounts().where('email', '=', email).executeTakeFirst()
      return row && accountOf(row)
    },

    /** Returns at most `limit` accounts in the order of their ids, starting after the id `after`. */
    async page(limit: number, after: string | undefined): Promise<Account[]> {
      let query = accounts().orderBy('id').limit(limit)
      if (after !== undefined) query = query.where('id', '>', after)
      return (await query.execute()).map(accountOf)
    },

    async count(): Promise<number> {
      const { count } = await database
        .selectFrom('accounts')
        .select((select) => select.fn.countAll<number | string>().as('count'))
        .executeTakeFirstOrThrow()
      return Number(count)
    },
  }
}

/** Thrown to roll back a transaction. */
class Refused extends Error {}

function createAccountChanges(database: AccountDatabase) {
  /**
   * Runs `work` in a transaction, and undoes it when no enabled owner is left. Returns undefined then. Such
   * transactions of several managers run one after the other, because each first locks the rows of owners.
   */
  const keepingAnOwner = async <T>(work: (db: AccountDatabase) => Promise<T>): Promise<T | undefined> => {
    try {
      return await database.transaction().execute(async (db) => {
        const owners = () => db.updateTable('accounts').where('role', '=', 'owner').where('disabled', '=', 0)
        const lock = () => owners().set((column) => ({ updated_at: column.ref('updated_at') }))
        const before = await lock().executeTakeFirst()
        const result = await work(db)
        const after = await lock().executeTakeFirst()
        if (before.numUpdatedRows > 0n && after.numUpdatedRows === 0n) throw new Refused()
        return result
      })
    } catch (error) {
      if (error instanceof Refused) return undefined
      throw error
    }
  }

  return {
    /**
     * Changes the fields that are not undefined. Returns undefined, and changes nothing, when there would be
     * no enabled owner any more.
     */
    update: (id: string, changes: AccountChanges, updatedAt: number): Promise<true | undefined> =>
      keepingAnOwner(async (db) => {
        const { disabled, totp, ...columns } = changes
        const set = {
          ...columns,
          ...(disabled === undefined ? {} : { disabled: Number(disabled) }),
          ...(totp === undefined ? {} : totpColumns(totp)),
        }
        await db
          .updateTable('accounts')
          .set({ ...set, updated_at: updatedAt })
          .where('id', '=', id)
          .execute()
        return true as const
      }),

    /**
     * Removes an account with its sign-ins, tokens, links and roles. Returns undefined, and removes nothing,
     * when there would be no enabled owner any more.
     */
    remove: (id: string): Promise<true | undefined> =>
      keepingAnOwner(async (db) => {
        for (const table of ['sign_ins', 'api_tokens', 'one_time_links', 'channel_roles'] as const)
          await db.deleteFrom(table).where('account_id', '=', id).execute()
        await db.deleteFrom('accounts').where('id', '=', id).execute()
        return true as const
      }),
  }
}

function createCodeUse(database: AccountDatabase) {
  return {
    /** Notes that the code of a step was used. Returns false when it, or a later one, was used before. */
    async useTotpStep(id: string, step: number): Promise<boolean> {
      const { numUpdatedRows } = await database
        .updateTable('accounts')
        .set({ totp_step: step })
        .where('id', '=', id)
        .where('totp_step', '<', step)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    /**
     * Uses up the recovery code with a hash. Returns false when it is not among the `known` ones, or when
     * these have changed by now.
     */
    async useRecoveryCode(id: string, known: readonly string[], hash: string): Promise<boolean> {
      if (!known.includes(hash)) return false
      const { numUpdatedRows } = await database
        .updateTable('accounts')
        .set({ recovery: JSON.stringify(known.filter((each) => each !== hash)) })
        .where('id', '=', id)
        .where('recovery', '=', JSON.stringify(known))
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
  }
}

function createGrants(database: AccountDatabase) {
  return {
    /** Returns the roles that an account has on single channels. */
    grantsOf: async (accountId: string): Promise<ChannelGrant[]> =>
      (
        await database
          .selectFrom('channel_roles')
          .select(['channel_id', 'role'])
          .where('account_id', '=', accountId)
          .orderBy('channel_id')
          .execute()
      ).map((row) => ({ channelId: row.channel_id, role: row.role as ChannelRole })),

    /** Returns at most `limit` accounts that have a role on a channel, with that role, by account id. */
    grantsOn: async (channelId: string, limit: number): Promise<{ accountId: string; role: ChannelRole }[]> =>
      (
        await database
          .selectFrom('channel_roles')
          .select(['account_id', 'role'])
          .where('channel_id', '=', channelId)
          .orderBy('account_id')
          .limit(limit)
          .execute()
      ).map((row) => ({ accountId: row.account_id, role: row.role as ChannelRole })),

    putGrant: async (accountId: string, { channelId, role }: ChannelGrant): Promise<void> => {
      await database
        .insertInto('channel_roles')
        .values({ account_id: accountId, channel_id: channelId, role })
        .onConflict((conflict) => conflict.columns(['account_id', 'channel_id']).doUpdateSet({ role }))
        .execute()
    },

    /** Returns false when the account had no role on the channel. */
    async removeGrant(accountId: string, channelId: string): Promise<boolean> {
      const { numDeletedRows } = await database
        .deleteFrom('channel_roles')
        .where('account_id', '=', accountId)
        .where('channel_id', '=', channelId)
        .executeTakeFirst()
      return numDeletedRows === 1n
    },
  }
}

const totpColumns = (totp: Totp | null) => ({
  totp_sealed: totp?.sealed ?? null,
  totp_step: totp?.step ?? 0,
  recovery: totp === null ? null : JSON.stringify(totp.recovery),
})

export function accountOf(row: AccountRow): Account {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    password: row.password,
    role: row.role as Role,
    disabled: row.disabled === 1,
    totp:
      row.totp_sealed === null
        ? null
        : {
            sealed: row.totp_sealed,
            step: row.totp_step,
            recovery: JSON.parse(row.recovery ?? '[]') as string[],
          },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
