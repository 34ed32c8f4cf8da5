import type { Channel } from '../../../manager/store/channel-record.ts'

/** Returns a channel whose id, title and key are made from its slug. `fields` overrides the defaults. */
export function sampleChannel(slug: string, fields: Partial<Channel> = {}): Channel {
  return {
    id: `c_${slug}`,
    slug,
    title: slug,
    latency: 'low',
    takeover: false,
    graceMs: null,
    priority: 0,
    slate: null,
    enabled: true,
    playback: 'public',
    tokensRevokedUntil: 0,
    keyHash: `hash-of-${slug}`,
    keySealed: `sealed-${slug}`,
    createdAt: 1_777_000_000_000,
    updatedAt: 1_777_000_000_001,
    ...fields,
  }
}
