import { type Static, Type } from 'typebox'
import { slugPattern } from '../../core/contracts/id-patterns.ts'
import { latencies } from '../../core/media/latency.ts'
import { playbackModes } from '../../core/playback/playback-mode.ts'
import { ExperienceBody } from './experience.ts'
import { HealthBody, Nullable, PageBody, RenditionBody, SourceBody, Time } from './media.ts'

const Slug = Type.String({
  pattern: slugPattern,
  description: 'a–z, 0–9 and inner dashes; names the channel in URLs',
})

const traits = {
  title: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
  latency: Type.Enum([...latencies], {
    description: '`ultra`: 100 ms parts; `low`; `standard`: whole segments',
  }),
  takeover: Type.Boolean({
    description: 'a second publisher takes the channel over instead of being refused',
  }),
  enabled: Type.Boolean({ description: 'a disabled channel refuses every publisher' }),
}

/** In requests alone: answers tell it as `playback.mode`, beside the addresses. */
const Playback = Type.Enum([...playbackModes], {
  description: '`public`: anybody may watch; `signed`: who has a playback token',
})

/** The path of one channel. */
export const ChannelParams = Type.Object({ slug: Slug })

/** A new channel; the title is the slug unless given, latency `low`, takeover off, enabled on, playback `public`. */
export const NewChannelBody = Type.Object(
  {
    slug: Slug,
    title: Type.Optional(traits.title),
    latency: Type.Optional(traits.latency),
    takeover: Type.Optional(traits.takeover),
    enabled: Type.Optional(traits.enabled),
    playback: Type.Optional(Playback),
  },
  { additionalProperties: false },
)

/** Changes of a channel; the slug never changes. */
export const ChannelChangesBody = Type.Partial(Type.Object({ ...traits, playback: Playback }), {
  additionalProperties: false,
  minProperties: 1,
})

const LiveBody = Type.Object({
  sessionId: Type.String(),
  startedAt: Time('when the publisher began'),
  state: Type.Enum(['starting', 'live'], { description: '`starting`: nothing to play yet' }),
  viewers: Type.Integer(),
  experience: Nullable(ExperienceBody),
  source: Nullable(SourceBody),
  renditions: Type.Array(RenditionBody),
  health: Nullable(HealthBody),
})

const PlaybackBody = Type.Object({
  hls: Type.String({
    description: 'the multivariant playlist; of a signed channel it needs a token in its path',
  }),
  watch: Type.String({ description: 'the watch page' }),
  mode: Playback,
})

const channel = {
  id: Type.String(),
  slug: Slug,
  ...traits,
  createdAt: Time('when it was made'),
  updatedAt: Time('when it was last changed'),
  playback: PlaybackBody,
  live: Nullable(LiveBody),
}

export const ChannelBody = Type.Object({
  ...channel,
  ingest: Type.Object({ server: Type.String({ description: 'what OBS calls the server' }) }),
})

const KeyedIngest = Type.Object({
  server: Type.String(),
  key: Type.String({ description: 'the stream key' }),
})

/** The answer to a new channel: the only one besides those of the stream key that holds it. */
export const CreatedChannelBody = Type.Object({ ...channel, streamKey: Type.String(), ingest: KeyedIngest })

export const StreamKeyBody = Type.Object({ streamKey: Type.String(), ingest: KeyedIngest })

export const ChannelPage = PageBody(ChannelBody)

export type LiveView = Static<typeof LiveBody>
export type ChannelView = Static<typeof ChannelBody>
export type CreatedChannelView = Static<typeof CreatedChannelBody>
export type StreamKeyView = Static<typeof StreamKeyBody>
export type NewChannel = Static<typeof NewChannelBody>
export type ChannelChanges = Static<typeof ChannelChangesBody>
