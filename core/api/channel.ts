import { type Static, Type } from 'typebox'
import { slugPattern } from '../contracts/id-patterns.ts'
import { latencies } from '../media/latency.ts'
import { playbackModes } from '../playback/playback-mode.ts'
import { listPageOf, listQuery, Nullable, Slug, Time } from './common.ts'
import { ExperienceBody } from './experience.ts'
import { HealthBody, RenditionBody, SourceBody } from './media.ts'
import { SlateBody } from './slate.ts'

const ChannelSlug = Slug('a–z, 0–9 and inner dashes; names the channel in URLs')

const traits = {
  title: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
  latency: Type.Enum([...latencies], {
    description: '`ultra`: 100 ms parts; `low`; `standard`: whole segments',
  }),
  takeover: Type.Boolean({
    description: 'a second publisher takes the channel over instead of being refused',
  }),
  graceMs: Nullable(
    Type.Integer({
      minimum: 0,
      maximum: 300_000,
      description: 'how long a session waits for its publisher to return, ms; null: as the ingest is set',
    }),
  ),
  priority: Type.Integer({
    minimum: -100,
    maximum: 100,
    description: 'channels of a higher one keep more renditions when transcoders have no room',
  }),
  enabled: Type.Boolean({ description: 'a disabled channel refuses every publisher' }),
}

/** In requests this is the field `playback`; in responses it is `playback.mode`, beside the URLs. */
const Playback = Type.Enum([...playbackModes], {
  description: '`public`: everyone may watch; `signed`: only viewers with a playback token',
})

export const ChannelParams = Type.Object({ slug: ChannelSlug })

export const ChannelQuery = Type.Object(listQuery(slugPattern.replace('^', '^c\\.')), {
  additionalProperties: false,
})

/**
 * Only the slug is required. By default the title is the slug, latency `low`, takeover off, the grace time
 * that of the ingest, the priority 0, enabled on and playback `public`.
 */
export const NewChannelBody = Type.Object(
  {
    slug: ChannelSlug,
    title: Type.Optional(traits.title),
    latency: Type.Optional(traits.latency),
    takeover: Type.Optional(traits.takeover),
    graceMs: Type.Optional(traits.graceMs),
    priority: Type.Optional(traits.priority),
    enabled: Type.Optional(traits.enabled),
    playback: Type.Optional(Playback),
  },
  { title: 'NewChannel', additionalProperties: false },
)

/** At least one field is required. There is no slug, because the slug of a channel never changes. */
export const ChannelChangesBody = Type.Partial(Type.Object({ ...traits, playback: Playback }), {
  title: 'ChannelChanges',
  additionalProperties: false,
  minProperties: 1,
})

/** Field `live` of a channel that has a session. Without a session the field is null. */
const LiveStatusBody = Type.Object(
  {
    sessionId: Type.String(),
    startedAt: Time('when the publisher started'),
    state: Type.Enum(['starting', 'live', 'interrupted'], {
      description: '`starting`: nothing to play yet; `interrupted`: the publisher is gone and may return',
    }),
    viewers: Type.Integer(),
    experience: Nullable(ExperienceBody),
    source: Nullable(SourceBody),
    renditions: Type.Array(RenditionBody),
    health: Nullable(HealthBody),
  },
  { title: 'LiveStatus' },
)

const PlaybackBody = Type.Object({
  hls: Type.String({
    description: 'the multivariant playlist; that of a signed channel needs a token in its path',
  }),
  watch: Type.String({ description: 'the watch page' }),
  picture: Type.String({
    description: 'JPEG of the show, a few seconds old; that of a signed channel needs a token in its path',
  }),
  mode: Playback,
})

const channel = {
  id: Type.String(),
  slug: ChannelSlug,
  ...traits,
  createdAt: Time('when it was created'),
  updatedAt: Time('when it was last changed'),
  playback: PlaybackBody,
  slate: Nullable(SlateBody),
  live: Nullable(LiveStatusBody),
}

export const ChannelBody = Type.Object(
  {
    ...channel,
    ingest: Type.Object({ server: Type.String({ description: 'the server URL for OBS' }) }),
  },
  { title: 'Channel' },
)

const KeyedIngest = Type.Object({
  server: Type.String(),
  key: Type.String({ description: 'the stream key' }),
})

const keyed = {
  streamKey: Type.String(),
  ingest: KeyedIngest,
  coach: Type.String({
    description: 'a page about the signal for those who publish; valid until the key is replaced',
  }),
}

/**
 * Response to the creation of a channel. Only this response and those of the stream key's own resource
 * contain the key.
 */
export const CreatedChannelBody = Type.Object({ ...channel, ...keyed }, { title: 'CreatedChannel' })

export const StreamKeyBody = Type.Object(keyed, { title: 'StreamKey' })

export const ChannelListPage = listPageOf(ChannelBody)

export type LiveStatus = Static<typeof LiveStatusBody>
export type ChannelView = Static<typeof ChannelBody>
export type CreatedChannelView = Static<typeof CreatedChannelBody>
export type StreamKeyView = Static<typeof StreamKeyBody>
export type NewChannel = Static<typeof NewChannelBody>
export type ChannelChanges = Static<typeof ChannelChangesBody>
