import type { Kysely } from 'kysely'

/** The tables of accounts. Times are ms since the epoch, booleans are 1 and 0, lists are JSON text. */
export interface AccountTables {
  accounts: AccountRow
  channel_roles: ChannelRoleRow
  sign_ins: SignInRow
  api_tokens: ApiTokenRow
  one_time_links: LinkRow
  audit: AuditRow
}

/** A connection to these tables, or a transaction on one. */
export type AccountDatabase = Kysely<AccountTables>

export interface AccountRow {
  id: string
  /** In lower case, unique. */
  email: string
  name: string
  /** Hash in PHC form. */
  password: string
  role: string
  disabled: number
  /** Sealed secret of the authenticator app; null: the password alone suffices. */
  totp_sealed: string | null
  /** Step of the newest code that was used. */
  totp_step: number
  /** JSON array of the SHA-256 of unused recovery codes; null with `totp_sealed`. */
  recovery: string | null
  created_at: number
  updated_at: number
}

interface ChannelRoleRow {
  account_id: string
  channel_id: string
  role: string
}

/** A browser that has signed in. */
export interface SignInRow {
  id: string
  account_id: string
  /** SHA-256 of the secret in the cookie, lower-case hex. */
  secret_hash: string
  created_at: number
  seen_at: number
  /** When the password was last entered. */
  confirmed_at: number
  /** Address of the client at the last use. */
  address: string
  user_agent: string
}

export interface ApiTokenRow {
  id: string
  /** Null: a token of the operator, made with the admin token. */
  account_id: string | null
  name: string
  secret_hash: string
  /** JSON array of scopes. */
  scopes: string
  /** JSON array of channel ids; null: all channels that the account reaches. */
  channels: string | null
  created_at: number
  expires_at: number | null
  used_at: number | null
  /** Network of the last client. */
  used_from: string | null
  revoked_at: number | null
}

/** A link that works once: `owner` and `invitation` create an account, `password` sets a new password. */
export interface LinkRow {
  id: string
  secret_hash: string
  purpose: string
  /** Account whose password is set; null for the other purposes. */
  account_id: string | null
  /** Role of the invited account. */
  role: string | null
  /** JSON array of the channel ids on which the invited account has its role; null: none in particular. */
  channels: string | null
  /** E-mail address or name of the invited, as the inviter noted it. */
  note: string
  created_at: number
  expires_at: number
  used_at: number | null
}

export interface AuditRow {
  id: string
  at: number
  /** `admin-token` or the id of an account. */
  actor: string
  /** Name of the actor at that time. */
  actor_name: string
  token_id: string | null
  action: string
  target: string
  /** JSON of the fields that changed, with their previous and new values; null when none are known. */
  before: string | null
  after: string | null
  status: number
  request_id: string
  address: string
}
