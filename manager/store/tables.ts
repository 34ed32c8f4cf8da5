/** The tables as both databases hold them: times are ms since the epoch, yes and no are 1 and 0, structures are JSON text. */
export interface Tables {
  channels: ChannelRow
  sessions: SessionRow
  revoked_tokens: RevokedTokenRow
  marks: MarkRow
}

export interface ChannelRow {
  id: string
  slug: string
  title: string
  latency: string
  takeover: number
  enabled: number
  playback: string
  tokens_revoked_until: number
  key_hash: string
  key_sealed: string
  created_at: number
  updated_at: number
}

export interface SessionRow {
  id: string
  channel_id: string
  slug: string
  latency: string
  started_at: number
  /** Null while live. */
  ended_at: number | null
  reason: string | null
  detail: string | null
  publisher_address: string
  publisher_software: string | null
  source: string | null
  renditions: string | null
  transcoder: string | null
  epoch: number
  overloaded: number
  peak_viewers: number
}

/** A playback token that was revoked by its id; kept until it would have ended. */
export interface RevokedTokenRow {
  id: string
  channel_id: string
  ends_at: number
}

/** Small facts about the store itself: how far the session log was read, which version the grants have. */
export interface MarkRow {
  name: string
  value: string
}
