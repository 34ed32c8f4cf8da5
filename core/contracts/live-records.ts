import type { Latency } from '../media/latency.ts'
import type { Rendition, Source } from '../media/source.ts'

/** Where transcoders pull a session as FLV. */
interface SessionIngest {
  instance: string
  flvUrl: string
  /** Local socket of the same server, for transcoders on its machine; missing where there are none. */
  localSocket?: string | undefined
}

/**
 * A session as its ingest describes it in Redis. The record exists as long as the ingest keeps writing it.
 */
export interface LiveSession {
  sessionId: string
  channelId: string
  slug: string
  latency: Latency
  /** ms since the epoch. */
  startedAt: number
  ingest: SessionIngest
  publisher: { address: string; software: string | null }
  /** Null until the first packets have revealed the source. */
  source: Source | null
  /**
   * Wall-clock time, ms since the epoch, at which media of timestamp 0 arrived or would have arrived. The
   * dates of media derive from it. Set together with `source`.
   */
  mediaZeroAt?: number
  /**
   * Timestamp of the newest media in the ingest when this record was written, ms. The transcoder measures its
   * delay from here, so that media it has not read yet counts as late too.
   */
  newestMs?: number
  /** Longest GOP of the channel's last session, ms, as the best guess for this one. */
  expectedGopMs: number | null
}

/** Where the media of a session is available. Written by the transcoder that packages the media. */
export interface Origin {
  sessionId: string
  channelId: string
  slug: string
  /** Number of the present epoch. A record of an older epoch never replaces one of a newer epoch. */
  epoch: number
  transcoder: string
  /** Base URL of the origin. Media paths are appended unchanged. */
  url: string
  /**
   * `starting`: nothing to play yet; `ended`: playlists carry EXT-X-ENDLIST, and the origin will soon be
   * gone.
   */
  state: 'starting' | 'live' | 'ended'
  renditions: Rendition[]
  health: TranscodeHealth
  /**
   * Where the next transcode run continues: the next media sequence number and the discontinuity sequence.
   */
  nextMsn: number
  discontinuity: number
}

export interface TranscodeHealth {
  /** Seconds of media encoded per second. Playback stalls when the speed stays below 1. */
  speed: number
  /** How far the encoded media is behind the source, ms. */
  behindMs: number
  overloaded: boolean
}

/** Message to watchers that a record was written or removed. It may get lost, so watchers poll as well. */
export interface RegistryChange {
  kind: 'session' | 'origin'
  change: 'put' | 'gone'
  sessionId: string
  slug: string
}
