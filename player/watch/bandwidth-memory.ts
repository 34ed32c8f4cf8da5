const key = 'nowcast-bandwidth'

/** The bandwidth of this tab's last playback, bits/s, so that a reload starts at the right quality. */
export function recallBandwidth(): number | undefined {
  try {
    const bits = Number(sessionStorage.getItem(key))
    return bits > 0 ? bits : undefined
  } catch {
    // Storage may be forbidden: then every visit is the first.
    return undefined
  }
}

export function rememberBandwidth(bitsPerSecond: number): void {
  if (!Number.isFinite(bitsPerSecond)) return
  try {
    sessionStorage.setItem(key, String(Math.round(bitsPerSecond)))
  } catch {}
}
