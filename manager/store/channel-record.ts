import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import type { SlateMediaType } from '../../core/contracts/slate-file.ts'
import type { Latency } from '../../core/media/latency.ts'
import type { PlaybackMode } from '../../core/playback/playback-mode.ts'
import type { ChannelRow, Database } from './tables.ts'

/** What the operator can change about a channel. */
export interface ChannelTraits {
  title: string
  latency: Latency
  takeover: boolean
  /** Grace time of its sessions, ms; null: that of the ingest's settings. */
  graceMs: number | null
  /** Sessions of higher priority keep more renditions when transcoders have no room. */
  priority: number
  /** A disabled channel refuses every publisher. */
  enabled: boolean
  playback: PlaybackMode
}

/** The stream key as it is stored: hashed and encrypted, never in plain text. */
export interface StoredKey {
  keyHash: string
  keySealed: string
}

/** What is known about the file of a slate without its content. */
export interface Slate {
  /** SHA-256 of the file, lower-case hex. */
  sha256: string
  mediaType: SlateMediaType
  bytes: number
}

export interface Channel extends ChannelTraits, StoredKey {
  id: string
  slug: string
  /** What viewers see while a session has no publisher; null: the last picture. */
  slate: Slate | null
  /** Playback tokens issued at this time or before are revoked, ms since the epoch; 0: none. */
  tokensRevokedUntil: number
  /** When the channel was created and last changed, ms since the epoch. */
  createdAt: number
  updatedAt: number
}

/** Returns what an ingest must know about the channel when a publisher presents its key. */
export function grantOf({ id, slug, latency, takeover, graceMs, priority, slate }: Channel): ChannelGrant {
  return {
    ...{ channelId: id, slug, latency, takeover },
    ...(graceMs === null ? {} : { graceMs }),
    ...(priority === 0 ? {} : { priority }),
    ...(slate === null ? {} : { slate: slate.sha256 }),
  }
}

/** Row of a channel joined with that of its slate. */
interface JoinedRow extends ChannelRow {
  slate_type: string | null
  slate_bytes: number | null
}

/** Returns a query of channels whose rows are what `channelOf` reads. */
export const selectChannels = (db: Database) =>
  db
    .selectFrom('channels')
    .leftJoin('slates', 'slates.sha256', 'channels.slate')
    .selectAll('channels')
    .select(['slates.media_type as slate_type', 'slates.bytes as slate_bytes'])

export function channelOf(row: JoinedRow): Channel {
  return {
    id: row.id,
    slug: row.slug,
    title: row.title,
    latency: row.latency as Latency,
    takeover: row.takeover === 1,
    graceMs: row.grace_ms,
    priority: row.priority,
    slate: slateOf(row),
    enabled: row.enabled === 1,
    playback: row.playback as PlaybackMode,
    tokensRevokedUntil: row.tokens_revoked_until,
    keyHash: row.key_hash,
    keySealed: row.key_sealed,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function slateOf({ slate, slate_type, slate_bytes }: JoinedRow): Slate | null {
  if (slate === null || slate_type === null || slate_bytes === null) return null
  return { sha256: slate, mediaType: slate_type as SlateMediaType, bytes: slate_bytes }
}

export function rowOf(channel: Channel): ChannelRow {
  return {
    id: channel.id,
    slug: channel.slug,
    title: channel.title,
    latency: channel.latency,
    takeover: Number(channel.takeover),
    grace_ms: channel.graceMs,
    priority: channel.priority,
    slate: channel.slate?.sha256 ?? null,
    enabled: Number(channel.enabled),
    playback: channel.playback,
    tokens_revoked_until: channel.tokensRevokedUntil,
    key_hash: channel.keyHash,
    key_sealed: channel.keySealed,
    created_at: channel.createdAt,
    updated_at: channel.updatedAt,
  }
}

/** Returns the columns of traits. Undefined traits are left out, so that they keep their stored value. */
export function traitColumns(traits: Partial<ChannelTraits>) {
  const { title, latency, takeover, graceMs, priority, enabled, playback } = traits
  return {
    ...(title === undefined ? {} : { title }),
    ...(latency === undefined ? {} : { latency }),
    ...(takeover === undefined ? {} : { takeover: Number(takeover) }),
    ...(graceMs === undefined ? {} : { grace_ms: graceMs }),
    ...(priority === undefined ? {} : { priority }),
    ...(enabled === undefined ? {} : { enabled: Number(enabled) }),
    ...(playback === undefined ? {} : { playback }),
  }
}

/** Returns the traits alone, as events show them. */
export function traitsOf(channel: ChannelTraits): ChannelTraits {
  const { title, latency, takeover, graceMs, priority, enabled, playback } = channel
  return { title, latency, takeover, graceMs, priority, enabled, playback }
}
