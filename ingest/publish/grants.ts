import { hashStreamKey } from '../../core/contracts/ids.ts'
import type { ChannelGrant, PublishGrants } from '../../core/contracts/publish-grants.ts'
import { BoundedMap } from '../../core/mechanisms/bounded-map.ts'

/** Maximum number of grants that are remembered in case Redis is away. */
const maxRememberedGrants = 10_000

/** `unknown`: there is no such key. `away`: Redis is away, and the key is not among the remembered ones. */
export type GrantResult = ChannelGrant | 'unknown' | 'away'

/**
 * Looks stream keys up in Redis. It remembers the valid ones by their hash, so that a publisher can connect
 * again while Redis is away.
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
