/** Bounds of the delay that a server may ask for, ms. */
const minMs = 1000
const maxMs = 60_000

/**
 * Parses a Retry-After header, seconds or a date (RFC 9110 10.2.3). Returns ms from `now` within the bounds;
 * undefined when the header is missing or malformed.
 */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isNaN(ms) ? undefined : Math.min(maxMs, Math.max(minMs, ms))
}

/**
 * Returns 100 to 150 % of a delay, ms, so that clients that were asked to wait do not come back together, and
 * none comes too early.
 */
export function spread(ms: number, random: () => number = Math.random): number {
  return ms * (1 + random() / 2)
}
