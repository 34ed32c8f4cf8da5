import type { Timeline } from './media-playlist.ts'

/** Maximum number of segments of a rendition whose start is kept. */
const maxSegments = 1000
/**
 * Difference between the known start of a segment and its start by program date-time from which the latter
 * replaces the former, s.
 */
const stepSeconds = 1

/**
 * Creates the timelines of the renditions of a channel, by the path of their playlists. Segments with the
 * same number begin together when they have no program date-time.
 */
export function createTimelines() {
  let zero: number | undefined
  const timelines = new Map<string, Timeline & { starts: Map<number, number> }>()
  const otherStart = (msn: number) => {
    for (const { starts } of timelines.values()) {
      const start = starts.get(msn)
      if (start !== undefined) return start
    }
    return 0
  }

  function create() {
    const starts = new Map<number, number>()
    return {
      starts,
      startOf(msn: number, date: number | undefined) {
        const known = starts.get(msn)
        if (date !== undefined) zero ??= date
        const dated = date === undefined || zero === undefined ? undefined : (date - zero) / 1000
        const isKnown = known !== undefined && (dated === undefined || Math.abs(dated - known) < stepSeconds)
        const start = isKnown ? known : (dated ?? otherStart(msn))
        starts.set(msn, start)
        for (const oldest of starts.keys()) {
          if (starts.size <= maxSegments) break
          starts.delete(oldest)
        }
        return start
      },
      noteEnd: (msn: number, end: number) => void (starts.has(msn + 1) || starts.set(msn + 1, end)),
    }
  }

  return {
    of(target: string): Timeline {
      const known = timelines.get(target) ?? create()
      timelines.set(target, known)
      return known
    },
    /** Program date-time of position 0, ms since 1970; undefined when there are no dates. */
    get zero() {
      return zero
    },
  }
}
