/** Cache-Control of the origin's answers; edges keep to it. `targetDuration` in s. */

/** Inits, segments and parts: their paths never change meaning. */
export const immutable = 'public, max-age=31536000, immutable'

/** What may be different the next moment, or was nobody's answer. */
export const uncacheable = 'no-store'

/** RFC 8216bis, low-latency server profile: blocking playlist requests that succeed may be cached for six target durations. */
export const blockingPlaylist = (targetDuration: number) => `public, max-age=${6 * targetDuration}`

/** Plain ones that succeed: half a target duration. Whole seconds are all that Cache-Control has. */
export const plainPlaylist = (targetDuration: number) =>
  `public, max-age=${Math.max(1, Math.floor(targetDuration / 2))}`

/** Plain ones that fail: one target duration. */
export const missingPlaylist = (targetDuration: number) => `public, max-age=${targetDuration}`
