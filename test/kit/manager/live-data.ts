import { newSessionId } from '../../../core/contracts/ids.ts'
import type { LiveSession, Origin } from '../../../core/contracts/live-records.ts'
import type { Rendition, Source } from '../../../core/media/source.ts'
import { plainFacts, plainPicture } from '../plain-source.ts'

export const source: Source = {
  video: {
    codec: 'h264',
    codecString: 'avc1.64001f',
    width: 1280,
    height: 720,
    fps: 29.97,
    isBrowserFriendly: true,
    ...plainPicture,
    gopMs: 2000,
    bitrate: 3_900_000,
  },
  audio: { codec: 'aac', codecString: 'mp4a.40.2', sampleRate: 48_000, channels: 2, bitrate: 128_000 },
  bitrate: 4_028_000,
  jitterMs: 3.5,
  ...plainFacts,
}

export const rendition: Rendition = {
  name: '720p',
  kind: 'video',
  passthrough: true,
  codecs: 'avc1.64001f',
  width: 1280,
  height: 720,
  fps: 29.97,
  bandwidth: 4_100_000,
}

/** Returns a session record as an ingest writes it before it knows the source. */
export function liveSession(fields: Partial<LiveSession> = {}): LiveSession {
  return {
    sessionId: newSessionId(),
    channelId: 'c_none',
    slug: 'none',
    latency: 'low',
    startedAt: Date.parse('2026-05-01T10:00:00.000Z'),
    ingest: { instance: 'i_ingest', flvUrl: 'http://127.0.0.1:1/flv' },
    publisher: { address: '192.0.2.7', software: 'obs-output module' },
    source: null,
    expectedGopMs: null,
    ...fields,
  }
}

/** Returns the origin record of a session as a transcoder writes it. */
export function originOf({ sessionId, channelId, slug }: LiveSession, fields: Partial<Origin> = {}): Origin {
  return {
    sessionId,
    channelId,
    slug,
    epoch: 1,
    transcoder: 'i_transcoder',
    url: 'http://127.0.0.1:2',
    state: 'live',
    renditions: [rendition],
    health: { speed: 1.4, behindMs: 80, overloaded: false },
    nextMsn: 3,
    discontinuity: 0,
    ...fields,
  }
}
