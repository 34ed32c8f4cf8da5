import type { Scope } from '../../../core/api/roles.ts'
import { type Account, accountOf } from './accounts.ts'
import type { AccountDatabase, ApiTokenRow } from './tables.ts'

/** An API token without its secret. Times are ms since the epoch. */
export interface ApiToken {
  id: string
  /** Null: a token of the operator, made with the admin token. */
  accountId: string | null
  name: string
  scopes: Scope[]
  /** Ids of the only channels that it reaches; null: all that its account reaches. */
  channels: string[] | null
  createdAt: number
  /** Null: never. */
  expiresAt: number | null
  /** Null: never, as is `usedFrom`. */
  usedAt: number | null
  /** Network of the last client. */
  usedFrom: string | null
  revokedAt: number | null
}

export interface NewApiToken extends ApiToken {
  /** SHA-256 of the token, lower-case hex. */
  secretHash: string
}

export type ApiTokenStore = ReturnType<typeof createApiTokenStore>

/** Creates the store of API tokens in SQL. */
export function createApiTokenStore(database: AccountDatabase) {
  const tokens = () => database.selectFrom('api_tokens').selectAll()
  return {
    /** Returns the token with this secret, and its account if it has one that exists. */
    async bySecret(secretHash: string): Promise<{ token: ApiToken; account: Account | null } | undefined> {
      const row = await tokens().where('secret_hash', '=', secretHash).executeTakeFirst()
      if (row === undefined) return undefined
      const account = await database
        .selectFrom('accounts')
        .selectAll()
        .where('id', '=', row.account_id ?? '')
        .executeTakeFirst()
      return { token: tokenOf(row), account: account === undefined ? null : accountOf(account) }
    },

    async byId(id: string): Promise<ApiToken | undefined> {
      const row = await tokens().where('id', '=', id).executeTakeFirst()
      return row && tokenOf(row)
    },

    /**
     * Returns at most `limit` tokens in the order of their ids, starting after the id `after`. `accountId`:
     * only those of this account.
     */
    async page(accountId: string | undefined, limit: number, after: string | undefined): Promise<ApiToken[]> {
      let query = tokens().orderBy('id').limit(limit)
      if (accountId !== undefined) query = query.where('account_id', '=', accountId)
      if (after !== undefined) query = query.where('id', '>', after)
      return (await query.execute()).map(tokenOf)
    },

    /** Adds a token. Returns false when the account, or the operator, has `maxTokens` that are valid. */
    add: (token: NewApiToken, maxTokens: number): Promise<boolean> =>
      database.transaction().execute(async (db) => {
        const owner = token.accountId
        const valid = await db
          .selectFrom('api_tokens')
          .select('id')
          .where('account_id', owner === null ? 'is' : '=', owner)
          .where('revoked_at', 'is', null)
          .where((where) =>
            where.or([where('expires_at', 'is', null), where('expires_at', '>', token.createdAt)]),
          )
          .limit(maxTokens)
          .execute()
        if (valid.length >= maxTokens) return false
        await db.insertInto('api_tokens').values(rowOf(token)).execute()
        return true
      }),

    async noteUse(id: string, usedAt: number, usedFrom: string): Promise<void> {
      await database
        .updateTable('api_tokens')
        .set({ used_at: usedAt, used_from: usedFrom })
        .where('id', '=', id)
        .execute()
    },

    /** Revokes a token. The time of an earlier revocation stays. */
    async revoke(id: string, revokedAt: number): Promise<void> {
      await database
        .updateTable('api_tokens')
        .set({ revoked_at: revokedAt })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .execute()
    },

    /** Removes tokens that expired or were revoked before a time. */
    async removeOld(before: number): Promise<void> {
      await database
        .deleteFrom('api_tokens')
        .where((where) => where.or([where('expires_at', '<', before), where('revoked_at', '<', before)]))
        .execute()
    },
  }
}

function tokenOf(row: ApiTokenRow): ApiToken {
  return {
    id: row.id,
    accountId: row.account_id,
    name: row.name,
    scopes: JSON.parse(row.scopes) as Scope[],
    channels: row.channels === null ? null : (JSON.parse(row.channels) as string[]),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    usedFrom: row.used_from,
    revokedAt: row.revoked_at,
  }
}

function rowOf(token: NewApiToken): ApiTokenRow {
  return {
    id: token.id,
    account_id: token.accountId,
    name: token.name,
    secret_hash: token.secretHash,
    scopes: JSON.stringify(token.scopes),
    channels: token.channels === null ? null : JSON.stringify(token.channels),
    created_at: token.createdAt,
    expires_at: token.expiresAt,
    used_at: token.usedAt,
    used_from: token.usedFrom,
    revoked_at: token.revokedAt,
  }
}
