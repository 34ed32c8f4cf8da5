import type { Kysely } from 'kysely'
import type { AccountTables } from './accounts/tables.ts'

/** A connection to the database, or a transaction on one. */
export type Database = Kysely<Tables>

/**
 * The tables, the same in both databases. Times are ms since the epoch, booleans are 1 and 0, structures are
 * JSON text.
 */
export interface Tables extends AccountTables {
  channels: ChannelRow
  slates: SlateRow
  sessions: SessionRow
  signal_history: SignalHistoryRow
  revoked_tokens: RevokedTokenRow
  marks: CheckpointRow
  kept_responses: KeptResponseRow
  events: EventRow
  event_counters: EventCounterRow
  webhooks: WebhookRow
  webhook_deliveries: DeliveryRow
  webhook_lanes: LaneRow
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

/** The signal of a session in ten seconds. Rows of a session that was removed stay until they are old. */
interface SignalHistoryRow {
  session_id: string
  /** Start of the ten seconds, a multiple of 10,000. */
  at: number
  /** As `writeSample` writes it. */
  sample: string
  /** JSON array of `StoredIssue`; null when there was no issue. */
  issues: string | null
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

/** An event in the log. */
export interface EventRow {
  /** Place in the log, from 1, without holes except those of the retention. */
  position: number
  id: string
  /** Identifies what the event was made from, so that it is written once; null: it is written in any case. */
  unique_key: string | null
  type: string
  /** When it happened, and when the row was written. */
  at: number
  written_at: number
  channel_id: string | null
  slug: string | null
  /** Number of the event among those of its channel; null without a channel. */
  sequence: number | null
  /** JSON object. */
  data: string
}

/**
 * The newest position of the log, under the name `log`, or the newest sequence of a channel, under its id.
 */
interface EventCounterRow {
  name: string
  value: number
}

/** An endpoint to which events are posted. */
export interface WebhookRow {
  id: string
  url: string
  /** JSON arrays of the types and of the slugs of channels whose events it gets; null: all. */
  types: string | null
  channels: string | null
  enabled: number
  /** Why the manager disabled it; null when it is enabled, or was disabled by the operator. */
  disabled_reason: string | null
  secret_sealed: string
  /** The secret before, which signs too until a time. */
  previous_sealed: string | null
  previous_until: number
  /** Since when every attempt has failed; null after a success. */
  failing_since: number | null
  /** Time before which there is no attempt, because the endpoint asked for a pause. */
  paused_until: number
  created_at: number
  updated_at: number
}

/** An event for an endpoint. */
export interface DeliveryRow {
  id: string
  webhook_id: string
  lane: string
  /** `position`, `id`, `type` and `slug` of the event, which may be removed before its delivery is. */
  position: number
  event_id: string
  type: string
  slug: string | null
  state: 'pending' | 'delivered' | 'failed'
  /** JSON array of `DeliveryTry`. */
  tries: string
  created_at: number
  ended_at: number | null
}

/**
 * Deliveries to an endpoint that follow one another, each after the former has ended: those of one channel.
 * There is a row while at least one of them is pending.
 */
interface LaneRow {
  webhook_id: string
  lane: string
  /** When the first pending delivery may be attempted. */
  next_at: number
  /** Until when a manager works on the lane. */
  leased_until: number
  /** Number of failed attempts of the first pending delivery. */
  attempts: number
}
