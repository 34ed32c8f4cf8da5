import { hashStreamKey } from '../../core/contracts/ids.ts'
import type { ChannelGrant, PublishGrants } from '../../core/contracts/publish-grants.ts'
import { BoundedMap } from '../../core/mechanisms/bounded-map.ts'

/** Maximum number of grants that are remembered for outages of Redis. */
const maxRememberedGrants = 10_000

/** `unknown`: no such key. `away`: Redis is away, and the key was not valid before. */
export type GrantResult = ChannelGrant | 'unknown' | 'away'

/**
 * Looks stream keys up and remembers the valid ones by hash, so that a publisher can reconnect while Redis is
 * away.
 */
export function createGrants(source: Pick<PublishGrants, 'find'>) {
  const remembered = new BoundedMap<string, ChannelGrant>(maxRememberedGrants)
  return {
    async lookUp(streamKey: string): Promise<GrantResult> {
      const keyHash = hashStreamKey(streamKey)
      try {
        const grant = await source.find(keyHash)
        if (grant) remembered.set(keyHash, grant)
        else remembered.delete(keyHash)
        return grant ?? 'unknown'
      } catch {
        return remembered.get(keyHash) ?? 'away'
      }
    },
  }
}

export type Grants = ReturnType<typeof createGrants>
