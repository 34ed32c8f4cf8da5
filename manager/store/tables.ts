import type { Kysely } from 'kysely'

/** A connection to the database, or a transaction on one. */
export type Database = Kysely<Tables>

/**
 * The tables, the same in both databases. Times are ms since the epoch, booleans are 1 and 0, structures are
 * JSON text.
 */
export interface Tables {
  channels: ChannelRow
  slates: SlateRow
  sessions: SessionRow
  revoked_tokens: RevokedTokenRow
  marks: CheckpointRow
  kept_responses: KeptResponseRow
}

export interface ChannelRow {
  id: string
  slug: string
  title: string
  latency: string
  takeover: number
  /** Null: the grace time in the settings of the ingest applies. */
  grace_ms: number | null
  priority: number
  /** `sha256` of a row of `slates`; null: the channel has no slate. */
  slate: string | null
  enabled: number
  playback: string
  tokens_revoked_until: number
  key_hash: string
  key_sealed: string
  created_at: number
  updated_at: number
}

/** A file that channels refer to. It is deleted with the last reference. */
interface SlateRow {
  /** SHA-256 of the file, lower-case hex. */
  sha256: string
  media_type: string
  /** Size of the file. */
  bytes: number
  /** The file in base64, because the two databases have different types for bytes. */
  content: string
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
  /** JSON array of `StoredInterruption`; null when there was no interruption. */
  interruptions: string | null
  peak_viewers: number
}

/** A playback token that was revoked by its id. Kept at least until the token has expired. */
interface RevokedTokenRow {
  id: string
  channel_id: string
  ends_at: number
}

/** The response to a request with an idempotency key, or the request itself while it is handled. */
export interface KeptResponseRow {
  principal: string
  key: string
  fingerprint: string
  /** Unique id of the run that has the key. */
  run: string
  /** Null while the request is handled; so are `headers` (a JSON object) and `body` (sealed). */
  status: number | null
  headers: string | null
  body: string | null
  /** When the key is free again. */
  ends_at: number
}

/**
 * Shows how far something is: the position up to which the session log has been read, or the version of the
 * grants or of the playback rules, which changes with each write.
 */
interface CheckpointRow {
  name: string
  value: string
}
