import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import type { Latency } from '../../core/media/latency.ts'
import type { PlaybackMode } from '../../core/playback/playback-mode.ts'
import type { ChannelRow } from './tables.ts'

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

export interface Channel extends ChannelTraits, StoredKey {
  id: string
  slug: string
  /** Playback tokens issued at this time or before are revoked, ms since the epoch; 0: none. */
  tokensRevokedUntil: number
  /** When the channel was created and last changed, ms since the epoch. */
  createdAt: number
  updatedAt: number
}

/** Returns what an ingest must know about the channel when a publisher presents its key. */
export function grantOf({ id, slug, latency, takeover, graceMs, priority }: Channel): ChannelGrant {
  return {
    ...{ channelId: id, slug, latency, takeover },
    ...(graceMs === null ? {} : { graceMs }),
    ...(priority === 0 ? {} : { priority }),
  }
}

export function channelOf(row: ChannelRow): Channel {
  return {
    id: row.id,
    slug: row.slug,
    title: row.title,
    latency: row.latency as Latency,
    takeover: row.takeover === 1,
    graceMs: row.grace_ms,
    priority: row.priority,
    enabled: row.enabled === 1,
    playback: row.playback as PlaybackMode,
    tokensRevokedUntil: row.tokens_revoked_until,
    keyHash: row.key_hash,
    keySealed: row.key_sealed,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
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
