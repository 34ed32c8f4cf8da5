import { hashStreamKey } from '../../core/contracts/ids.ts'
import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import { maxRememberedGrants } from '../rtmp/limits.ts'

/** Where grants come from: the key mirror. */
export interface GrantSource {
  lookUp(streamKey: string): Promise<ChannelGrant | undefined>
}

/** `away`: the key could not be checked, and is not one that was good before. */
export type GrantAnswer = ChannelGrant | 'unknown' | 'away'

/**
 * Looks keys up and remembers the good ones (by hash, the most recently used 10 000), so that a publisher that was
 * good before can come back while Redis is away.
 */
export function createGrants(source: GrantSource) {
  const remembered = new Map<string, ChannelGrant>()

  function remember(hash: string, grant: ChannelGrant) {
    remembered.delete(hash)
    remembered.set(hash, grant)
    if (remembered.size <= maxRememberedGrants) return
    const [oldest] = remembered.keys()
    if (oldest !== undefined) remembered.delete(oldest)
  }

  return {
    async lookUp(streamKey: string): Promise<GrantAnswer> {
      const hash = hashStreamKey(streamKey)
      try {
        const grant = await source.lookUp(streamKey)
        if (grant) remember(hash, grant)
        else remembered.delete(hash)
        return grant ?? 'unknown'
      } catch {
        return remembered.get(hash) ?? 'away'
      }
    },
  }
}

export type Grants = ReturnType<typeof createGrants>
