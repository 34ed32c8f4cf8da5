import type { Cache } from './cache.ts'

const mb = 2 ** 20

/**
 * Memory that the process may use besides its cache, bytes: code, heap, media in transit, and memory that the
 * allocator has not returned yet.
 */
const besideBytes = 80 * mb
/** Memory that the process may use for each connection, bytes. */
const perConnectionBytes = 50_000
/** Distance from the maximum memory of the process at which the cache begins to shrink, bytes. */
const marginBytes = 16 * mb
/** Time between two checks of the process's memory, ms. */
const checkMs = 200
/** Fraction of the free memory by which the cache may grow again at each check. */
const shareRegained = 0.1
/** Minimum fraction of its limit that the cache keeps, whatever the rest of the process uses. */
const minShare = 0.125

export interface MemoryBudgetOptions {
  cache: Pick<Cache, 'bytes' | 'setLimit'>
  /** Maximum size of the cache while memory is free, bytes. */
  limitBytes: number
  connections(): number
  /** Memory of the whole process, bytes. */
  residentBytes(): number
}

/**
 * Shrinks the cache when the process uses too much memory, and lets it grow again when memory is free. Media
 * in transit, and memory that the allocator keeps, cannot be released on demand. The returned function ends
 * the checks.
 */
export function keepWithinBudget(options: MemoryBudgetOptions): () => void {
  const { cache, limitBytes, connections, residentBytes } = options
  let allowed = limitBytes
  const timer = setInterval(() => {
    const budget = limitBytes + besideBytes + connections() * perConnectionBytes - marginBytes
    const free = budget - residentBytes()
    const wanted = free < 0 ? Math.min(allowed, cache.bytes) + free : allowed + free * shareRegained
    allowed = Math.max(limitBytes * minShare, Math.min(limitBytes, wanted))
    cache.setLimit(allowed)
  }, checkMs)
  return () => clearInterval(timer)
}
