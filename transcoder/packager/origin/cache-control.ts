/** Values of Cache-Control in responses of the origin to edges. `targetDuration` is in seconds. */

/** Init segments, segments and parts. A path always names the same bytes. */
export const immutable = 'public, max-age=31536000, immutable'

/** Responses that may be different a moment later. */
export const uncacheable = 'no-store'

/**
 * Playlists for a blocking request. Caches keep them for six target durations (RFC 8216bis, appendix B.1).
 * Browsers do not: video.js repeats a request when a segment ends, and needs a newer playlist then.
 */
export const blockingPlaylist = (targetDuration: number) =>
  `public, s-maxage=${6 * targetDuration}, max-age=0`

/** Other playlists: half a target duration, in whole seconds, at least 1. */
export const plainPlaylist = (targetDuration: number) =>
  `public, max-age=${Math.max(1, Math.floor(targetDuration / 2))}`

/** Unknown media playlists and malformed delivery directives: one target duration. */
export const missingPlaylist = (targetDuration: number) => `public, max-age=${targetDuration}`

/** Pictures, of which there is a new one every few seconds. */
export const picture = 'public, max-age=1'

/** Start bundles: the shortest lifetime above 0 that HTTP can express. Edges keep them for a shorter time. */
export const startBundle = 'public, max-age=1'
