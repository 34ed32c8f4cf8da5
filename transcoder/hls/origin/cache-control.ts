/** Cache-Control of the origin's answers; edges keep to it. `targetDuration` in s. */

/** Inits, segments and parts: their paths never change meaning. */
export const immutable = 'public, max-age=31536000, immutable'

/** What may be different the next moment, or was nobody's answer. */
export const uncacheable = 'no-store'

/** RFC 8216bis B.1: "Successful responses to blocking Playlist requests SHOULD be cached for six Target Durations." */
export const blockingPlaylist = (targetDuration: number) => `public, max-age=${6 * targetDuration}`

/**
 * "Successful responses to non-blocking Playlist requests SHOULD be cached for half the Target Duration." Whole seconds are all that
 * Cache-Control has.
 */
export const plainPlaylist = (targetDuration: number) =>
  `public, max-age=${Math.max(1, Math.floor(targetDuration / 2))}`

/** "Unsuccessful responses to non-blocking Playlist requests SHOULD be cached for one Target Duration." */
export const missingPlaylist = (targetDuration: number) => `public, max-age=${targetDuration}`
