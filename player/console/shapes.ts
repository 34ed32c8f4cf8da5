import type { EndReason } from '../../core/contracts/end-reason.ts'
import type { TranscodeHealth } from '../../core/contracts/live-records.ts'
import type { Latency } from '../../core/media/latency.ts'
import type { Rendition, Source } from '../../core/media/source.ts'
import type { PlaybackMode } from '../../core/playback/playback-mode.ts'

/** What the manager's API answers, as far as the console shows it. Times are RFC 3339. */
export interface Channel {
  slug: string
  title: string
  latency: Latency
  enabled: boolean
  ingest: { server: string }
  playback: { hls: string; watch: string; mode: PlaybackMode }
  live: Live | null
}

export interface Live {
  sessionId: string
  startedAt: string
  state: 'starting' | 'live'
  viewers: number
  experience: Experience | null
  source: Source | null
  renditions: Rendition[]
  health: TranscodeHealth | null
}

/** Medians and 95th percentiles of the last minute as players tell; null what nobody told. */
export interface Experience {
  joinMs: Spread | null
  latencyMs: Spread | null
  bufferMs: Spread | null
  /** Bits/s. */
  bitrate: Spread | null
  throughput: Spread | null
  /** 0 to 1. */
  stallRatio: number | null
}

export interface Spread {
  p50: number
  p95: number
}

export interface Session {
  id: string
  state: 'live' | 'ended'
  startedAt: string
  endedAt: string | null
  reason: EndReason | null
  detail: string | null
  source: Source | null
  peakViewers: number
}

export interface NewChannel {
  slug: string
  title?: string
  latency: Latency
  playback: PlaybackMode
}

export interface StreamKey {
  streamKey: string
  ingest: { server: string; key: string }
}

export interface Page<Item> {
  items: Item[]
  nextCursor: string | null
}
