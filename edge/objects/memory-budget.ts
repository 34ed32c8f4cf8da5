import type { Cache } from './cache.ts'

const mb = 2 ** 20

/** What the process may take beside its cache: code, heap, media on its way in and out, memory that is not given back yet; bytes. */
const besideBytes = 80 * mb
/** What each connection may take, bytes. */
const perConnectionBytes = 50_000
/** So much before all is taken the cache begins to give way, bytes. */
const marginBytes = 16 * mb
/** How often it is looked at, ms. */
const lookMs = 200
/** Of what is free the cache gets so much back with each look. */
const shareBack = 0.1
/** The cache keeps at least this share of its limit, whatever the rest takes. */
const leastShare = 0.125

export interface MemoryBudgetParts {
  cache: Pick<Cache, 'bytes' | 'setLimit'>
  /** What the cache may hold when there is room, bytes. */
  limitBytes: number
  connections(): number
  /** Memory of the process, bytes. */
  residentBytes(): number
}

/**
 * Keeps the whole process within the limit of its cache and a known rest: when media comes and goes by the GB, what is on its way and
 * what the allocator keeps is as large as the cache, and the cache is what can give way. Gives the function that ends it.
 */
export function keepWithinBudget({
  cache,
  limitBytes,
  connections,
  residentBytes,
}: MemoryBudgetParts): () => void {
  let allowed = limitBytes
  const timer = setInterval(() => {
    const budget = limitBytes + besideBytes + connections() * perConnectionBytes - marginBytes
    const free = budget - residentBytes()
    const wanted = free < 0 ? Math.min(allowed, cache.bytes) + free : allowed + free * shareBack
    allowed = Math.max(limitBytes * leastShare, Math.min(limitBytes, wanted))
    cache.setLimit(allowed)
  }, lookMs)
  return () => clearInterval(timer)
}
