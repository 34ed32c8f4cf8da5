import { type Static, Type } from 'typebox'
import { slugPattern } from '../../core/contracts/id-patterns.ts'
import { maxTokenLifeMs } from '../../core/playback/playback-token.ts'
import { Nullable, Time } from './media.ts'

const originPattern = '^(?:none|https?://[a-z0-9._\\[\\]:-]{1,90})$'

/** A new playback token; without a body one for an hour, for everybody, on any page. */
export const NewTokenBody = Type.Object(
  {
    ttlSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: maxTokenLifeMs / 1000, default: 3600 })),
    address: Type.Optional(
      Type.String({
        maxLength: 50,
        description:
          'the one client address, or subnet as `192.0.2.0/24`, that may use it, as the edge sees it',
      }),
    ),
    origins: Type.Optional(
      Type.Array(Type.String({ pattern: originPattern }), {
        minItems: 1,
        maxItems: 8,
        description:
          'pages that may play with it, as `https://example.com`, compared with `Origin`, else `Referer`; `none`: apps and devices, which name no page',
      }),
    ),
  },
  { additionalProperties: false },
)

export const TokenBody = Type.Object({
  id: Type.String({ description: 'names it, to revoke it; no secret' }),
  token: Type.String(),
  expiresAt: Time('when it ends'),
  address: Nullable(Type.String()),
  origins: Nullable(Type.Array(Type.String())),
  hls: Type.String({ description: 'the multivariant playlist, with the token in its path' }),
})

/** The path of one token. */
export const TokenParams = Type.Object({
  slug: Type.String({ pattern: slugPattern }),
  id: Type.String({ pattern: '^pt_[0-9a-z]{6,8}_[A-Za-z0-9_-]{11}$' }),
})

export const TokenRevocationQuery = Type.Object(
  {
    issuedBefore: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'only those of this time or before; now unless given',
      }),
    ),
  },
  { additionalProperties: false },
)

export const TokenRevocationBody = Type.Object({
  revokedUntil: Time('tokens of this time or before are refused'),
})

export type NewToken = Static<typeof NewTokenBody>
export type TokenView = Static<typeof TokenBody>
export type TokenRevocationView = Static<typeof TokenRevocationBody>
