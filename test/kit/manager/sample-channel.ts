import type { Channel } from '../../../manager/store/channel-record.ts'

/** Returns a channel. Its id, title and key follow from the slug; the other fields are constants. */
export function sampleChannel(slug: string, fields: Partial<Channel> = {}): Channel {
  return {
    id: `c_${slug}`,
    slug,
    title: slug,
    latency: 'low',
    takeover: false,
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
