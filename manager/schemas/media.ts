import { type TSchema, Type } from 'typebox'

/** A value or null. */
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** A moment, RFC 3339 in UTC. */
export const Time = (description: string) => Type.String({ format: 'date-time', description })

const bitrate = (what: string) => Type.Number({ description: `${what}, bits/s` })

const VideoSourceBody = Type.Object({
  codec: Type.Enum(['h264', 'hevc', 'av1', 'vp9', 'other']),
  codecString: Nullable(Type.String({ description: 'RFC 6381' })),
  width: Type.Integer(),
  height: Type.Integer(),
  fps: Type.Number(),
  isBrowserFriendly: Type.Boolean({ description: '8-bit 4:2:0' }),
  gopMs: Nullable(Type.Number({ description: 'longest distance of keyframes seen lately, ms' })),
  bitrate: bitrate('video'),
})

const AudioSourceBody = Type.Object({
  codec: Type.Enum(['aac', 'mp3', 'opus', 'other']),
  codecString: Nullable(Type.String({ description: 'RFC 6381' })),
  sampleRate: Type.Integer(),
  channels: Type.Integer(),
  bitrate: bitrate('audio'),
})

/** What is published, as measured from the packets. */
export const SourceBody = Type.Object({
  video: Nullable(VideoSourceBody),
  audio: Nullable(AudioSourceBody),
  bitrate: bitrate('video and audio'),
  jitterMs: Type.Number({ description: 'how unevenly packets arrive, ms' }),
})

/** One encoding as viewers get it. */
export const RenditionBody = Type.Object({
  name: Type.String(),
  kind: Type.Enum(['video', 'audio']),
  passthrough: Type.Boolean({ description: 'the published encoding, untouched' }),
  codecs: Nullable(Type.String()),
  width: Nullable(Type.Integer()),
  height: Nullable(Type.Integer()),
  fps: Nullable(Type.Number()),
  bandwidth: Nullable(Type.Number({ description: 'peak, measured, bits/s' })),
})

/** Whether transcoding keeps up with real time. */
export const HealthBody = Type.Object({
  speed: Type.Number({ description: 'media seconds made per second' }),
  behindMs: Type.Number({ description: 'distance of the encoded media from the source, ms' }),
  overloaded: Type.Boolean(),
})

/** What a list takes. */
export const pageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  cursor: Type.Optional(Type.String({ maxLength: 300, description: 'nextCursor of the page before' })),
}

/** What a list answers. */
export const PageBody = <T extends TSchema>(item: T) =>
  Type.Object({
    items: Type.Array(item),
    nextCursor: Nullable(Type.String({ description: 'null on the last page' })),
  })
