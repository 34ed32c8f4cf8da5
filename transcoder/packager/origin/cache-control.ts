/** Values of Cache-Control for responses of the origin, which edges obey. `targetDuration` is in seconds. */

/** Init segments, segments and parts. Their paths never change meaning. */
export const immutable = 'public, max-age=31536000, immutable'

/** Responses that may be different a moment later. */
export const uncacheable = 'no-store'

/** Playlists for a blocking request: six target durations (RFC 8216bis, low-latency server profile). */
export const blockingPlaylist = (targetDuration: number) => `public, max-age=${6 * targetDuration}`

/** Other playlists: half a target duration, in whole seconds, at least 1. */
export const plainPlaylist = (targetDuration: number) =>
  `public, max-age=${Math.max(1, Math.floor(targetDuration / 2))}`

/**
 * Requests for a media playlist that does not exist, or with bad delivery directives: one target duration.
 */
export const missingPlaylist = (targetDuration: number) => `public, max-age=${targetDuration}`

/**
 * Start bundles: the shortest lifetime above 0 that HTTP can express. Edges use a shorter one of their own.
 */
export const startBundle = 'public, max-age=1'
