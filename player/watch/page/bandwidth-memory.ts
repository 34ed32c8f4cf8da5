const key = 'nowcast-bandwidth'

/** Bandwidth assumed at the first visit, bits/s. A measurement replaces it within seconds. */
export const firstBandwidth = 3_000_000

/**
 * Returns the last bandwidth of this tab, bits/s, so that a reload starts with the right rendition; undefined
 * when none is stored.
 */
export function recallBandwidth(): number | undefined {
  try {
    const bits = Number(sessionStorage.getItem(key))
    return bits > 0 ? bits : undefined
  } catch {
    // The browser may forbid storage. Then every visit counts as the first.
    return undefined
  }
}

/** Stores the bandwidth for this tab. Does nothing where the browser forbids storage. */
export function rememberBandwidth(bitsPerSecond: number): void {
  try {
    sessionStorage.setItem(key, String(Math.round(bitsPerSecond)))
  } catch {}
}
