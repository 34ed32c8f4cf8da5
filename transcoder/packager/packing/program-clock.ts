export type ProgramClock = ReturnType<typeof createProgramClock>

/**
 * Maps media times to dates, for EXT-X-PROGRAM-DATE-TIME. All renditions share one anchor. RFC 8216bis 6.2.4:
 * "all Media Playlists in that Multivariant Playlist MUST contain EXT-X-PROGRAM-DATE-TIME tags with
 * consistent mappings of date and time to media timestamps."
 */
export function createProgramClock(zeroAt?: number, now: () => number = Date.now) {
  let anchor = zeroAt
  let latest = 0

  return {
    /**
     * Returns the date of a media time, both in ms. Without an anchor the first call makes the present its
     * date.
     */
    dateOf(mediaMs: number): number {
      anchor ??= Math.max(now(), latest) - mediaMs
      const date = anchor + mediaMs
      latest = Math.max(latest, date)
      return date
    },

    /**
     * Forgets the anchor, because timestamps start again. Dates never go back: the next one is not before
     * that of `endMs`, the end of the media so far.
     */
    restart(endMs: number): void {
      if (anchor !== undefined) latest = Math.max(latest, anchor + endMs)
      anchor = undefined
    },
  }
}
