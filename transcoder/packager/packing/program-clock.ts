export type ProgramClock = ReturnType<typeof createProgramClock>

/**
 * Maps media times to dates, for EXT-X-PROGRAM-DATE-TIME. All renditions share one anchor. RFC 8216bis 6.2.4:
 * "all Media Playlists in that Multivariant Playlist MUST contain EXT-X-PROGRAM-DATE-TIME tags with
 * consistent mappings of date and time to media timestamps."
 */
export function createProgramClock(zeroAt?: number, now: () => number = Date.now) {
  let anchor = zeroAt

  return {
    /**
     * Returns the date of a media time, both in ms. Without an anchor the first call makes the present its
     * date.
     */
    dateOf(mediaMs: number): number {
      anchor ??= now() - mediaMs
      return anchor + mediaMs
    },
  }
}
