/** A latency for people: tenths below ten seconds, whole seconds below a minute, then minutes. */
export function formatLatency(seconds: number): string {
  const shown = Math.max(0, seconds)
  if (shown < 9.95) return `${shown.toFixed(1)} s`
  if (shown < 59.5) return `${Math.round(shown)} s`
  const whole = Math.round(shown)
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
}
