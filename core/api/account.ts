import { type Static, Type } from 'typebox'
import { listPageOf, listQuery, Nullable, Slug, Time } from './common.ts'
import { channelRoles, roles, scopes } from './roles.ts'

/** Pattern of an id: its prefix and 128 random bits. */
const idPattern = (prefix: string) => `^${prefix}_[A-Za-z0-9_-]{22}$`
const Id = (prefix: string, description: string) => Type.String({ pattern: idPattern(prefix), description })

const plainText = (maxLength: number) =>
  Type.String({ minLength: 1, maxLength, pattern: '^[^\\u0000-\\u001f\\u007f]*$' })

const Email = Type.String({
  maxLength: 254,
  pattern: '^[^\\s@\\u0000-\\u001f\\u007f]{1,64}@[^\\s@\\u0000-\\u001f\\u007f]{1,189}$',
  description: 'compared without regard to case',
})
const Password = Type.String({ minLength: 8, maxLength: 128, description: '8 to 128 characters' })
/** A password that is only compared. It may have been set under other rules. */
const AnyPassword = Type.String({ maxLength: 128 })
const LinkToken = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', description: 'the fragment of the link' })
const RoleName = Type.Enum([...roles])
const ChannelRoleName = Type.Enum([...channelRoles])
const Name = plainText(100)

const ChannelRoleBody = Type.Object({ channel: Slug('the channel'), role: ChannelRoleName })

const account = {
  id: Type.String(),
  email: Type.String(),
  name: Type.String(),
  role: RoleName,
  disabled: Type.Boolean({ description: 'it cannot sign in, and its tokens do not work' }),
  hasSecondFactor: Type.Boolean({ description: 'signing in needs a code of an authenticator app' }),
  channels: Type.Array(ChannelRoleBody, { description: 'roles on single channels' }),
  createdAt: Time('when it was created'),
  updatedAt: Time('when it was last changed'),
}
export const AccountBody = Type.Object(account)
export const AccountListPage = listPageOf(AccountBody)
export const AccountParams = Type.Object({ id: Id('a', 'the account') })
export const AccountQuery = Type.Object(listQuery(idPattern('a')), { additionalProperties: false })

const traits = { email: Email, name: Name, role: RoleName }

export const NewAccountBody = Type.Object({ ...traits, password: Password }, { additionalProperties: false })
export const AccountChangesBody = Type.Partial(Type.Object({ ...traits, disabled: Type.Boolean() }), {
  additionalProperties: false,
  minProperties: 1,
})

/** Who sends requests. `account` is null for the admin token and the operator's API tokens. */
export const MeBody = Type.Object({
  kind: Type.Enum(['admin-token', 'account', 'token']),
  role: RoleName,
  account: Nullable(AccountBody),
  scopes: Nullable(Type.Array(Type.Enum([...scopes]), { description: 'of an API token' })),
  confirmedUntil: Nullable(Time('until when keys, tokens and deletion need no password again')),
})

export const SignInBody = Type.Object(
  {
    email: Type.String({ maxLength: 254 }),
    password: AnyPassword,
    code: Type.Optional(
      Type.String({ maxLength: 20, description: 'of the authenticator app, or a recovery code' }),
    ),
  },
  { additionalProperties: false },
)
export const ConfirmBody = Type.Object({ password: AnyPassword }, { additionalProperties: false })
export const PasswordChangeBody = Type.Object(
  { current: AnyPassword, password: Password },
  { additionalProperties: false },
)
const TotpSecret = Type.String({ pattern: '^[A-Z2-7]{32}$' })
export const NewTotpBody = Type.Object({
  secret: TotpSecret,
  uri: Type.String({ description: 'for authenticator apps' }),
})
export const TotpBody = Type.Object(
  { secret: TotpSecret, code: Type.String({ pattern: '^[0-9]{6}$' }) },
  { additionalProperties: false },
)
export const RecoveryCodesBody = Type.Object({
  recoveryCodes: Type.Array(Type.String(), { description: 'each replaces one code; shown only here' }),
})
export const LinkTokenBody = Type.Object({ token: LinkToken }, { additionalProperties: false })
export const LinkInfoBody = Type.Object({
  purpose: Type.Enum(['owner', 'invitation', 'password']),
  role: Nullable(RoleName),
  note: Type.String({ description: 'who it is for, as the inviter noted it' }),
  expiresAt: Time('when it expires'),
})
export const SignUpBody = Type.Object(
  { token: Type.Optional(LinkToken), email: Email, name: Name, password: Password },
  { additionalProperties: false },
)
export const PasswordResetBody = Type.Object(
  { token: LinkToken, password: Password },
  { additionalProperties: false },
)
export const LinkBody = Type.Object({
  link: Type.String({ description: 'works once; shown only here' }),
  expiresAt: Time('when it expires'),
})

const BrowserSignInBody = Type.Object({
  id: Type.String(),
  createdAt: Time('when it began'),
  seenAt: Time('when it was last used'),
  address: Type.String(),
  userAgent: Type.String(),
  isCurrent: Type.Boolean(),
})
export const BrowserSignInList = Type.Object({ items: Type.Array(BrowserSignInBody) })
export const BrowserSignInParams = Type.Object({ id: Id('si', 'the sign-in') })

export const NewInvitationBody = Type.Object(
  {
    role: RoleName,
    channels: Type.Optional(Type.Array(Slug('a channel'), { maxItems: 50, uniqueItems: true })),
    note: Type.Optional(plainText(200)),
    expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 30, default: 7 })),
  },
  { additionalProperties: false },
)
const invitation = {
  id: Type.String(),
  role: RoleName,
  note: Type.String(),
  createdAt: Time('when it was made'),
  expiresAt: Time('when it expires'),
}
const InvitationBody = Type.Object(invitation)
export const CreatedInvitationBody = Type.Object({
  ...invitation,
  link: Type.String({ description: 'works once; shown only here' }),
})
export const InvitationListPage = listPageOf(InvitationBody)
export const InvitationParams = Type.Object({ id: Id('l', 'the invitation') })
export const InvitationQuery = Type.Object(listQuery(idPattern('l')), { additionalProperties: false })

export const ChannelRoleParams = Type.Object({ slug: Slug('the channel'), id: Id('a', 'the account') })
export const ChannelRoleChangeBody = Type.Object({ role: ChannelRoleName }, { additionalProperties: false })
export const ChannelRoleList = Type.Object({
  items: Type.Array(
    Type.Object({ account: Type.String(), email: Type.String(), name: Type.String(), role: ChannelRoleName }),
  ),
})

export const NewApiTokenBody = Type.Object(
  {
    name: Name,
    scopes: Type.Array(Type.Enum([...scopes]), { minItems: 1, maxItems: scopes.length, uniqueItems: true }),
    channels: Type.Optional(
      Type.Array(Slug('a channel'), {
        minItems: 1,
        maxItems: 50,
        uniqueItems: true,
        description: 'the only ones',
      }),
    ),
    expiresInDays: Type.Optional(
      Nullable(Type.Integer({ minimum: 1, maximum: 3650, description: '90 by default; null: never' })),
    ),
  },
  { additionalProperties: false },
)
const apiToken = {
  id: Type.String(),
  accountId: Nullable(Type.String({ description: 'null: of the operator' })),
  name: Type.String(),
  scopes: Type.Array(Type.Enum([...scopes])),
  channelIds: Nullable(Type.Array(Type.String(), { description: 'the only ones; null: all of the account' })),
  createdAt: Time('when it was created'),
  expiresAt: Nullable(Time('when it expires')),
  usedAt: Nullable(Time('when it was last used, to the minute')),
  usedFrom: Nullable(Type.String({ description: 'network of the last client' })),
  revokedAt: Nullable(Time('when it was revoked')),
}
const ApiTokenBody = Type.Object(apiToken)
export const CreatedApiTokenBody = Type.Object({
  ...apiToken,
  token: Type.String({ description: 'shown only here' }),
})
export const ApiTokenListPage = listPageOf(ApiTokenBody)
export const ApiTokenParams = Type.Object({ id: Id('at', 'the token') })
export const ApiTokenQuery = Type.Object(listQuery(idPattern('at')), { additionalProperties: false })

export const AuditQuery = Type.Object(
  {
    actor: Type.Optional(Type.String({ maxLength: 100, description: 'id of an account, or `admin-token`' })),
    target: Type.Optional(Type.String({ maxLength: 100, description: 'such as `channel/show`' })),
    ...listQuery(idPattern('au').replace('^', '^u\\.[0-9]{1,15}\\.')),
  },
  { additionalProperties: false },
)
const Fields = Nullable(Type.Record(Type.String(), Type.Unknown(), { description: 'fields that changed' }))
const AuditBody = Type.Object({
  id: Type.String(),
  at: Time('when'),
  actor: Type.String({ description: 'id of an account, `admin-token` or `anonymous`' }),
  actorName: Type.String(),
  tokenId: Nullable(Type.String({ description: 'the API token that was used' })),
  action: Type.String({ description: 'such as `channel.change`' }),
  target: Type.String({ description: 'such as `channel/show`' }),
  before: Fields,
  after: Fields,
  status: Type.Integer({ description: 'of the response' }),
  requestId: Type.String(),
  address: Type.String(),
})
export const AuditListPage = listPageOf(AuditBody)

export type AccountView = Static<typeof AccountBody>
export type NewAccount = Static<typeof NewAccountBody>
export type AccountTraits = Static<typeof AccountChangesBody>
export type MeView = Static<typeof MeBody>
export type NewTotpView = Static<typeof NewTotpBody>
export type RecoveryCodesView = Static<typeof RecoveryCodesBody>
export type LinkInfoView = Static<typeof LinkInfoBody>
export type LinkView = Static<typeof LinkBody>
export type SignUp = Static<typeof SignUpBody>
export type BrowserSignInView = Static<typeof BrowserSignInBody>
export type NewInvitation = Static<typeof NewInvitationBody>
export type InvitationView = Static<typeof InvitationBody>
export type CreatedInvitationView = Static<typeof CreatedInvitationBody>
export type ChannelRoleListView = Static<typeof ChannelRoleList>
export type NewApiTokenRequest = Static<typeof NewApiTokenBody>
export type ApiTokenView = Static<typeof ApiTokenBody>
export type CreatedApiTokenView = Static<typeof CreatedApiTokenBody>
export type AuditView = Static<typeof AuditBody>
