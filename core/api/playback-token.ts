import { type Static, Type } from 'typebox'
import { maxTokenLifeMs } from '../playback/playback-token.ts'
import { Nullable, Slug, Time } from './common.ts'

const originPattern = '^(?:none|https?://[a-z0-9._\\[\\]:-]{1,90})$'

/** Every field is optional. By default the token is valid for an hour, for any client and on any page. */
export const NewTokenBody = Type.Object(
  {
    ttlSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: maxTokenLifeMs / 1000, default: 3600 })),
    address: Type.Optional(
      Type.String({
        maxLength: 50,
        description:
          'the only client address that may use it, or a subnet such as `192.0.2.0/24`, as seen by the edge',
      }),
    ),
    origins: Type.Optional(
      Type.Array(Type.String({ pattern: originPattern }), {
        minItems: 1,
        maxItems: 8,
        description:
          'pages that may use it, such as `https://example.com`, compared with `Origin` or else `Referer`; `none` for apps and devices, which send neither',
      }),
    ),
  },
  { additionalProperties: false },
)

export const TokenBody = Type.Object({
  id: Type.String({ description: 'identifies it for revocation; not a secret' }),
  token: Type.String(),
  expiresAt: Time('when it expires'),
  address: Nullable(Type.String()),
  origins: Nullable(Type.Array(Type.String())),
  hls: Type.String({ description: 'the multivariant playlist, with the token in its path' }),
})

export const TokenParams = Type.Object({
  slug: Slug('the channel'),
  id: Type.String({ pattern: '^pt_[0-9a-z]{6,8}_[A-Za-z0-9_-]{11}$' }),
})

export const TokenRevocationQuery = Type.Object(
  {
    issuedBefore: Type.Optional(Time('revoke tokens issued at this time or before; defaults to now')),
  },
  { additionalProperties: false },
)

export const TokenRevocationBody = Type.Object({
  revokedUntil: Time('tokens issued at this time or before are refused'),
})

export type NewToken = Static<typeof NewTokenBody>
export type TokenView = Static<typeof TokenBody>
export type TokenRevocationView = Static<typeof TokenRevocationBody>
