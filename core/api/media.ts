import { type Static, Type } from 'typebox'
import { Nullable } from './common.ts'

const bitrate = (tracks: string) => Type.Number({ description: `${tracks}, bits/s` })

const VideoSourceBody = Type.Object(
  {
    codec: Type.Enum(['h264', 'hevc', 'av1', 'vp9', 'other']),
    codecString: Nullable(Type.String({ description: 'RFC 6381' })),
    width: Type.Integer(),
    height: Type.Integer(),
    fps: Type.Number(),
    isBrowserFriendly: Type.Boolean({ description: '8-bit 4:2:0' }),
    pixelAspect: Type.Number({ description: 'width of a pixel divided by its height' }),
    bitDepth: Type.Integer(),
    chroma: Type.Enum(['4:0:0', '4:2:0', '4:2:2', '4:4:4']),
    isInterlaced: Type.Boolean({ description: 'pictures may be coded as fields' }),
    transfer: Type.Enum(['sdr', 'pq', 'hlg'], { description: 'transfer function; pq and hlg are HDR' }),
    gopMs: Nullable(Type.Number({ description: 'longest recent distance between keyframes, ms' })),
    bitrate: bitrate('video'),
  },
  { title: 'VideoSource' },
)

const AudioSourceBody = Type.Object(
  {
    codec: Type.Enum(['aac', 'mp3', 'opus', 'other']),
    codecString: Nullable(Type.String({ description: 'RFC 6381' })),
    sampleRate: Type.Integer(),
    channels: Type.Integer(),
    bitrate: bitrate('audio'),
  },
  { title: 'AudioSource' },
)

/** The media that the publisher sends, as its packets show it. */
export const SourceBody = Type.Object(
  {
    video: Nullable(VideoSourceBody),
    audio: Nullable(AudioSourceBody),
    bitrate: bitrate('video and audio'),
    jitterMs: Type.Number({ description: 'how unevenly packets arrive, ms' }),
    clockCorrections: Type.Record(Type.String(), Type.Integer(), {
      description: "corrections of the publisher's timestamps, by kind",
    }),
    ignoredTracks: Type.Array(Type.String(), { description: 'tracks that are not shown' }),
    isNearBitrateLimit: Type.Boolean({ description: 'the session may be ended for its bitrate' }),
  },
  { title: 'Source' },
)

/** An encoding of the ladder, or the audio. The size and the frame rate of the audio are null. */
export const RenditionBody = Type.Object(
  {
    name: Type.String(),
    kind: Type.Enum(['video', 'audio']),
    passthrough: Type.Boolean({ description: 'the published encoding, unchanged' }),
    codecs: Nullable(Type.String()),
    width: Nullable(Type.Integer()),
    height: Nullable(Type.Integer()),
    fps: Nullable(Type.Number()),
    bandwidth: Nullable(Type.Number({ description: 'measured peak, bits/s' })),
  },
  { title: 'Rendition' },
)

/** Whether transcoding keeps up with real time. */
export const HealthBody = Type.Object(
  {
    speed: Type.Number({ description: 'media seconds made per second' }),
    behindMs: Type.Number({ description: 'distance of the encoded media from the source, ms' }),
    overloaded: Type.Boolean(),
  },
  { title: 'Health' },
)

export type SourceView = Static<typeof SourceBody>
export type RenditionView = Static<typeof RenditionBody>
