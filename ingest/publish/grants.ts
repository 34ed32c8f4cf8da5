import { setTimeout as delay } from 'node:timers/promises'
import { hashStreamKey } from '../../core/contracts/ids.ts'
import type { ChannelGrant, PublishGrants } from '../../core/contracts/publish-grants.ts'
import { BoundedMap } from '../../core/mechanisms/bounded-map.ts'

/** Maximum number of grants that are remembered in case Redis is away. */
const maxRememberedGrants = 10_000
/**
 * Maximum time for which a publisher waits until a manager has written the grants to a Redis that restarted,
 * ms. A Redis that returns with older data would accept a key that was replaced. Without a manager the grants
 * that are there count after this time.
 */
const writtenAgainMs = 3000

/** `unknown`: there is no such key. `away`: Redis is away, and the key is not among the remembered ones. */
export type GrantResult = ChannelGrant | 'unknown' | 'away'

/**
 * Creates the look-up of stream keys in Redis. It remembers valid keys by their hash, so that publishers can
 * connect again while Redis is away.
 */
export function createGrants(
  source: Pick<PublishGrants, 'findCurrent'>,
  { waitMs = writtenAgainMs, pollMs = 250 } = {},
) {
  const remembered = new BoundedMap<string, ChannelGrant>(maxRememberedGrants)

  async function findCurrent(keyHash: string): Promise<ChannelGrant | undefined> {
    const deadline = performance.now() + waitMs
    for (;;) {
      const { grant, isCurrent } = await source.findCurrent(keyHash)
      if (isCurrent || performance.now() >= deadline) return grant
      await delay(pollMs)
    }
  }

  return {
    async lookUp(streamKey: string): Promise<GrantResult> {
      const keyHash = hashStreamKey(streamKey)
      try {
        const grant = await findCurrent(keyHash)
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
