/** Creates a source of numbers from 0 to below 1, which are the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  // Neighbouring seeds must not begin with similar numbers.
  let state = Math.imul(seed, 0x9e3779b1) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}
