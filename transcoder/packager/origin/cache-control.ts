/** Values of Cache-Control for the responses of the origin. Edges obey them. `targetDuration` is in s. */

/** For init segments, segments and parts, whose paths never change meaning. */
export const immutable = 'public, max-age=31536000, immutable'

/** For responses that may be different the next moment. */
export const uncacheable = 'no-store'

/**
 * For successful blocking playlist requests: six target durations (RFC 8216bis, low-latency server profile).
 */
export const blockingPlaylist = (targetDuration: number) => `public, max-age=${6 * targetDuration}`

/** For other successful playlist requests: half a target duration, in whole seconds. */
export const plainPlaylist = (targetDuration: number) =>
  `public, max-age=${Math.max(1, Math.floor(targetDuration / 2))}`

/** For unsuccessful playlist requests: one target duration. */
export const missingPlaylist = (targetDuration: number) => `public, max-age=${targetDuration}`

/** For start bundles: the least that a cache can be told. Edges keep them for about a part. */
export const startBundle = 'public, max-age=1'
