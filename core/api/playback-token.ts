import { type Static, Type } from 'typebox'
import { maxTokenLifeMs } from '../playback/playback-token.ts'
import { Nullable, Slug, Time } from './common.ts'

const byte = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
const ipv4 = `(?:${byte}\\.){3}${byte}`
const group = '[0-9A-Fa-f]{1,4}'
/** IPv6 with `::` after 1 to 6 groups (RFC 4291 2.2). `ipv6` has the other forms. */
const shortened = Array.from(
  { length: 6 },
  (_, index) => `(?:${group}:){${index + 1}}(?:(?::${group}){1,${6 - index}}|:)`,
).join('|')
const ipv6 = `(?:(?:${group}:){7}(?:${group}|:)|:(?:(?::${group}){1,7}|:)|${shortened}|::[Ff]{4}:${ipv4})`

/** Pattern of an IP address, or of a subnet in CIDR notation. Zone ids (`fe80::1%eth0`) are refused. */
export const addressPattern = `^(?:${ipv4}(?:/(?:3[0-2]|[12]?[0-9]))?|${ipv6}(?:/(?:12[0-8]|1[01][0-9]|[1-9]?[0-9]))?)$`
/** Message about a field that does not match `addressPattern`. */
export const addressMessage = 'is neither an IP address nor a subnet'

const portNumber = '(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})'
const hostName = '[a-z0-9_](?:[a-z0-9._-]{0,88}[a-z0-9_])?'
/** Pattern of a web origin as browsers send it (RFC 6454 6.2), or of the word `none`. */
const originPattern = `^(?:none|https?://(?:${hostName}|\\[${ipv6}\\])(?::${portNumber})?)$`

/** Every field is optional. By default the token is valid for an hour, for any client and on any page. */
export const NewTokenBody = Type.Object(
  {
    ttlSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: maxTokenLifeMs / 1000, default: 3600 })),
    address: Type.Optional(
      Type.String({
        pattern: addressPattern,
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
  { title: 'NewPlaybackToken', additionalProperties: false },
)

export const TokenBody = Type.Object(
  {
    id: Type.String({ description: 'identifies it for revocation; not a secret' }),
    token: Type.String(),
    expiresAt: Time('when it expires'),
    address: Nullable(Type.String()),
    origins: Nullable(Type.Array(Type.String())),
    hls: Type.String({ description: 'the multivariant playlist, with the token in its path' }),
  },
  { title: 'PlaybackToken' },
)

export const TokenParams = Type.Object({
  slug: Slug('the channel'),
  id: Type.String({ pattern: '^pt_[0-9a-z]{6,8}_[A-Za-z0-9_-]{11}$' }),
})

export const TokenRevocationQuery = Type.Object(
  {
    issuedBefore: Type.Optional(
      Type.String({
        format: 'date-time',
        // TypeBox also admits the suffixes of RFC 9557, such as `[Europe/Paris]`.
        pattern: '^[^\\[]+$',
        description: 'revoke tokens issued at this time or before; defaults to now',
      }),
    ),
  },
  { additionalProperties: false },
)

export const TokenRevocationBody = Type.Object({
  revokedUntil: Time('tokens issued at this time or before are refused'),
})

export type NewToken = Static<typeof NewTokenBody>
export type TokenView = Static<typeof TokenBody>
export type TokenRevocationView = Static<typeof TokenRevocationBody>
