const key = 'nowcast-bandwidth'

/** Taken at the first visit, bits/s: enough for a middle rung; measured bandwidth takes over within seconds. */
const firstBandwidth = 3_000_000

/** The bandwidth of this tab's last playback, bits/s, so that a reload starts at the right quality. */
export function recallBandwidth(): number {
  try {
    const bits = Number(sessionStorage.getItem(key))
    return bits > 0 ? bits : firstBandwidth
  } catch {
    // Storage may be forbidden: then every visit is the first.
    return firstBandwidth
  }
}

export function rememberBandwidth(bitsPerSecond: number): void {
  if (!Number.isFinite(bitsPerSecond)) return
  try {
    sessionStorage.setItem(key, String(Math.round(bitsPerSecond)))
  } catch {}
}
