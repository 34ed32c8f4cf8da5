export type ProgramClock = ReturnType<typeof createProgramClock>

/**
 * Gives every media time its date, for EXT-X-PROGRAM-DATE-TIME. One anchor serves all renditions:
 * RFC 8216bis 6.2.4: "all Media Playlists in that Multivariant Playlist MUST contain EXT-X-PROGRAM-DATE-TIME tags with consistent
 * mappings of date and time to media timestamps."
 */
export function createProgramClock(zeroAt?: number, now: () => number = Date.now) {
  let anchor = zeroAt
  let latest = 0

  return {
    /** Date of a media time (both ms); without `zeroAt` the first call makes now its date. */
    dateOf(mediaMs: number): number {
      anchor ??= Math.max(now(), latest) - mediaMs
      const date = anchor + mediaMs
      latest = Math.max(latest, date)
      return date
    },

    /** Forgets the anchor, because timestamps start anew. Dates never go back: what comes next is not before `endMs` by the old ones. */
    restart(endMs: number): void {
      if (anchor !== undefined) latest = Math.max(latest, anchor + endMs)
      anchor = undefined
    },
  }
}
