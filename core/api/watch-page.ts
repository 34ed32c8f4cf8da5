import { type Static, Type } from 'typebox'
import { latencies } from '../media/latency.ts'
import { Nullable } from './common.ts'

const address = {
  hls: Type.String({ description: 'the multivariant playlist at the preferred edge' }),
  others: Type.Array(Type.String(), { description: 'the same playlist at other edges' }),
  renewAfterMs: Nullable(
    Type.Number({ description: 'time until another address must be requested, ms; null: never' }),
  ),
}

/** URLs where a watch page finds the media. They contain a token when the channel is signed. */
export const WatchAddressBody = Type.Object(address)

/** Configuration that the manager embeds in the watch page of a channel. */
const WatchConfigBody = Type.Object({
  slug: Type.String(),
  title: Type.String(),
  latency: Type.Enum([...latencies]),
  hls: address.hls,
  others: Type.Optional(address.others),
  renewAfterMs: Type.Optional(Type.Number()),
})

/** Configuration that the manager embeds in the watch page of a channel that does not exist. */
const UnknownChannelBody = Type.Object({
  slug: Type.String(),
  title: Type.Null(),
  hls: Type.Null(),
  unknown: Type.Literal(true),
})

export type WatchAddress = Static<typeof WatchAddressBody>
export type WatchConfig = Static<typeof WatchConfigBody>
export type UnknownChannelConfig = Static<typeof UnknownChannelBody>
