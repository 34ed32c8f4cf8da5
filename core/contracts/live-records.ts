import type { Latency } from '../media/latency.ts'
import type { Rendition, Source } from '../media/source.ts'
import type { ChannelClaim } from './channel-claims.ts'
import type { EndReason } from './end-reason.ts'

/** Where transcoders pull a session as FLV. */
interface SessionIngest {
  instance: string
  flvUrl: string
  /** Name of the server's local socket, for transcoders on its machine; undefined outside Linux. */
  localSocket?: string | undefined
}

/** A session as its ingest describes it in Redis. The record lapses when the ingest stops writing it. */
export interface LiveSession {
  sessionId: string
  channelId: string
  slug: string
  latency: Latency
  /** ms since the epoch. */
  startedAt: number
  ingest: SessionIngest
  publisher: { address: string; software: string | null }
  /** Claim to the channel. Undefined for a session that began while Redis was away, until it has claimed. */
  claim?: ChannelClaim | undefined
  /** Null until the first packets have revealed the source. */
  source: Source | null
  /**
   * Date of session time 0, ms since the epoch. The program date-times derive from it. Set together with the
   * first `source`.
   */
  mediaZeroAt?: number
  /**
   * Session time of the newest media in the ingest when this record was written, ms. The transcoder measures
   * its delay from it, so that media it has not read yet counts as late too.
   */
  newestMs?: number
  /** Longest recent GOP of the channel's previous session, ms; null when unknown. */
  expectedGopMs: number | null
  /** Maximum time to wait for the publisher to return, ms. Undefined or 0: the session does not wait. */
  graceMs?: number
  /** Sessions of higher priority keep more renditions when transcoders have no room. Undefined: 0. */
  priority?: number
  /**
   * SHA-256 of the slate that viewers see while the session has no publisher, lower-case hex. Undefined: no
   * slate. It is that of the present publish.
   */
  slate?: string | undefined
  /**
   * Number of the present publish: 1, and one more after each return of the publisher. Undefined: 1. The
   * record of a later publish is not replaced by that of an earlier one.
   */
  publish?: number
  /** Set while the session has no publisher and waits for its return. */
  interruption?: Interruption | undefined
}

/**
 * Time without a publisher: since when, and until when the session waits for a return, ms since the epoch.
 */
export interface Interruption {
  since: number
  until: number
  reason: EndReason
}

export const publishOf = ({ publish }: Pick<LiveSession, 'publish'>) => publish ?? 1

/** Where the media of a session is available. The transcoder that packages the media writes it. */
export interface Origin {
  sessionId: string
  channelId: string
  slug: string
  /** Number of the present epoch. The record of a newer epoch is not replaced by that of an older one. */
  epoch: number
  transcoder: string
  /** Whether that transcoder has left the session to another one. */
  isReleased?: boolean
  /** Whether that transcoder offers the session to another one, and continues it until that one has media. */
  isOffered?: boolean
  /** Base URL of the origin, to which media paths are appended. */
  url: string
  /**
   * `starting`: nothing to play yet. `ended`: playlists have EXT-X-ENDLIST, and the origin will be removed
   * soon.
   */
  state: 'starting' | 'live' | 'ended'
  renditions: Rendition[]
  health: TranscodeHealth
  /** Next media sequence number, and present discontinuity sequence, for a transcoder that takes over. */
  nextMsn: number
  discontinuity: number
}

export interface TranscodeHealth {
  /** Seconds of media published per second. Playback stalls when the speed stays below 1. */
  speed: number
  /** How far the published media is behind the source, ms. */
  behindMs: number
  overloaded: boolean
}

/** Message that a record changed or was removed. Messages may get lost, so watchers poll as well. */
export interface RegistryChange {
  kind: 'session' | 'origin'
  change: 'put' | 'gone'
  sessionId: string
  slug: string
}
