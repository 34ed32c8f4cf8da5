export type ProgramClock = ReturnType<typeof createProgramClock>

/**
 * Converts session times to dates, for EXT-X-PROGRAM-DATE-TIME. All renditions must use the same conversion
 * (RFC 8216bis 6.2.4), so there is one per presentation. `zeroAt`: date of session time 0, ms since 1970;
 * undefined when unknown.
 */
export function createProgramClock(zeroAt?: number, now: () => number = Date.now) {
  let anchor = zeroAt

  return {
    /**
     * Returns the date of a session time; both are ms. If the date of time 0 is unknown, the first call makes
     * the present the date of `mediaMs`.
     */
    dateOf(mediaMs: number): number {
      anchor ??= now() - mediaMs
      return anchor + mediaMs
    },
  }
}
