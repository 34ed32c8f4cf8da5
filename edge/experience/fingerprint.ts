/** Initial values of the two 32-bit halves of a fingerprint. */
export const [highSeed, lowSeed] = [0x811c9dc5, 0x1b873593]

export const nextHigh = (high: number, code: number) => Math.imul(high ^ code, 0x01000193)
export const nextLow = (low: number, code: number) => Math.imul(low ^ code, 0x85ebca6b)

/** Combines two 32-bit halves into a number of 53 bits, the most that a JavaScript number holds exactly. */
export function fingerprintOf(high: number, low: number): number {
  const mixedHigh = high ^ (low >>> 15)
  const mixedLow = low ^ (mixedHigh >>> 13)
  return (mixedHigh >>> 11) * 0x1_0000_0000 + (mixedLow >>> 0)
}

/**
 * Hashes a text to 53 bits, by two 32-bit hashes like FNV-1a. Not for secrets, because collisions are easy to
 * find.
 */
export function fingerprint(text: string): number {
  let high: number = highSeed
  let low: number = lowSeed
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    high = nextHigh(high, code)
    low = nextLow(low, code)
  }
  return fingerprintOf(high, low)
}
