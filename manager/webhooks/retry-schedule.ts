/** Times from a failed attempt to the next one, ms; about 75 h in total. */
const [seconds, minutes, hours] = [1000, 60_000, 3_600_000]
const delays = [
  5 * seconds,
  5 * minutes,
  30 * minutes,
  2 * hours,
  5 * hours,
  10 * hours,
  14 * hours,
  20 * hours,
  24 * hours,
]
/**
 * Maximum random deviation from a delay, as a fraction, so that endpoints that failed together come apart.
 */
const jitter = 0.1
/** Time for which every attempt fails before a webhook is disabled, ms. */
export const disableAfterMs = 72 * hours
/** Maximum pause that an endpoint can ask for, ms. */
const maxPauseMs = 24 * hours

/**
 * Returns the time to the next attempt after `failures` failed ones (from 1), ms; undefined when the delivery
 * is given up. `random` returns a number from 0 to 1.
 */
export function retryDelay(failures: number, random: () => number = Math.random): number | undefined {
  const delay = delays[failures - 1]
  return delay === undefined ? undefined : Math.round(delay * (1 - jitter + 2 * jitter * random()))
}

/**
 * Parses `Retry-After` (RFC 9110 10.2.3): seconds, or a date. Returns the time to wait, ms, at most
 * `maxPauseMs`; undefined when there is no such header, or when it cannot be parsed. `now` is ms since the
 * epoch.
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  const isDate = /^[A-Z][a-z]{2}, \d/.test(header)
  const ms = isDate ? Date.parse(header) - now : /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Number.NaN
  return Number.isNaN(ms) ? undefined : Math.min(maxPauseMs, Math.max(0, ms))
}
