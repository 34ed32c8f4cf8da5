import type { Latency } from '../media/latency.ts'
import type { Rendition, Source } from '../media/source.ts'

/** Where transcoders pull a session as FLV. */
export interface SessionIngest {
  instance: string
  flvUrl: string
  /** Local socket of the same server, for transcoders on its machine; missing where there are none. */
  localSocket?: string | undefined
}

/** A session as its ingest describes it. It exists as long as the ingest keeps writing it. */
export interface LiveSession {
  sessionId: string
  channelId: string
  slug: string
  latency: Latency
  /** ms since the epoch. */
  startedAt: number
  ingest: SessionIngest
  publisher: { address: string; software: string | null }
  /** Null until the first packets have revealed it. */
  source: Source | null
  /**
   * When media of timestamp 0 arrived, or would have, ms since the epoch. Known with `source`; the dates of
   * media derive from it.
   */
  mediaZeroAt?: number
  /**
   * Newest media timestamp of the ingest at the time of writing, ms: media that no transcoder has read yet
   * counts as late too.
   */
  newestMs?: number
  /** Longest GOP of the channel's last session, ms, as the best guess for this one. */
  expectedGopMs: number | null
}

/** Where the media of a session is available. Written by the transcoder that packages it. */
export interface Origin {
  sessionId: string
  channelId: string
  slug: string
  /** Number of the present epoch. A record of an older epoch never replaces one of a newer. */
  epoch: number
  transcoder: string
  /** Base URL of the origin. Media paths are appended unchanged. */
  url: string
  /** `starting`: nothing to play yet; `ended`: playlists carry EXT-X-ENDLIST and will soon be gone. */
  state: 'starting' | 'live' | 'ended'
  renditions: Rendition[]
  health: TranscodeHealth
  /** Where a takeover continues: the next media sequence number and the discontinuity sequence. */
  nextMsn: number
  discontinuity: number
}

export interface TranscodeHealth {
  /** Media seconds made per second. Below 1 for long, playback will stall. */
  speed: number
  /** Distance of the encoded media from the source, ms. */
  behindMs: number
  overloaded: boolean
}

/** Announces that a record was written or removed. Messages may get lost, so watchers poll as well. */
export interface RegistryChange {
  kind: 'session' | 'origin'
  change: 'put' | 'gone'
  sessionId: string
  slug: string
}
