import type { MediaPlaylist } from './media/media-playlist.ts'

/** Delivery directives of a playlist request (RFC 8216bis 6.2.5). */
export interface Directives {
  msn?: number | undefined
  part?: number | undefined
  skips?: boolean | undefined
}

/**
 * Returns the query of a playlist request with its `?`, or an empty string: the directives in the order in
 * which hls.js writes them, then another parameter.
 */
export function playlistQuery({ msn, part, skips }: Directives, other: string | undefined): string {
  let query = ''
  if (msn !== undefined) query += `&_HLS_msn=${msn}`
  if (part !== undefined) query += `&_HLS_part=${part}`
  if (skips) query += '&_HLS_skip=YES'
  if (other !== undefined) query += `&${other}`
  return query === '' ? '' : `?${query.slice(1)}`
}

/** Adds a query with its `?` to a target, which may have one already. */
export const withQuery = (target: string, query: string): string =>
  query !== '' && target.includes('?') ? `${target}&${query.slice(1)}` : target + query

/**
 * Returns the time from the request of a playlist to the next one, ms (`computeReloadInterval` of hls.js).
 * `distance`: of the playhead from the live edge, s; of the start of the playlist before it is known.
 */
export function reloadInterval(
  { targetDuration, segments }: MediaPlaylist,
  isUpdated: boolean,
  distance: number,
): number {
  if (!isUpdated) return 500 * targetDuration
  const last = segments.at(-1)
  const lastSeconds = last === undefined ? 0 : last.end - last.start
  const isNear = distance < 4 * targetDuration
  return Math.round(
    1000 * (isNear && lastSeconds > 0 ? Math.min(lastSeconds, targetDuration) : targetDuration),
  )
}

/**
 * Returns the directives for what comes after the newest media or, when the response is old, after what the
 * server has by now (RFC 8216bis appendix C, low-latency tune-in). `goal`: by how much the response was too
 * old, s. `lastGoal`: the `goal` of the previous call.
 */
export function nextDirectives(
  { last, endMsn, partTarget, targetDuration, parts }: MediaPlaylist,
  age: number,
  isLowLatency: boolean,
  lastGoal: number,
): { directives: Directives; goal: number } {
  const next: Directives = { msn: endMsn + 1 }
  if (last.part >= 0 && last.msn === endMsn) next.part = isLowLatency ? 0 : last.part
  else if (last.part >= 0) {
    const maxPart = parts.findLast(({ part }) => (part ?? 0) > last.part)?.part ?? last.part
    next.msn = last.msn
    next.part = isLowLatency ? last.part + 1 : maxPart
  }
  const goal = Math.min(age - partTarget, targetDuration * 1.5)
  if (goal <= 0) return { directives: next, goal: 0 }
  if (age > targetDuration * 3) return { directives: {}, goal }
  if (lastGoal > 0 && age - partTarget > lastGoal) return { directives: next, goal: 0 }
  const parted = next.part === undefined ? 0 : Math.round((goal % targetDuration) / partTarget)
  return {
    directives: {
      msn: (next.msn ?? 0) + Math.floor(goal / targetDuration),
      part: next.part === undefined ? undefined : next.part + parted,
    },
    goal,
  }
}

/** Whether two playlists end with the same media. */
export const isSamePlace = (one: MediaPlaylist, other: MediaPlaylist) =>
  one.endMsn === other.endMsn && one.last.msn === other.last.msn && one.last.part === other.last.part

/** Whether a playlist ends with newer media than another one. */
export const isLater = (one: MediaPlaylist, other: MediaPlaylist) =>
  one.endMsn > other.endMsn ||
  one.last.msn > other.last.msn ||
  (one.last.msn === other.last.msn && one.last.part > other.last.part)

/**
 * Target durations by which the response to a request without `_HLS_msn` may be older than the playlist
 * before: caches may keep it for half a target duration, and serve it for longer while they refresh it.
 */
const cachedTargets = 1.5

/** Whether a playlist is older than the one before, or lacks what the request named. */
export function isStale(
  playlist: MediaPlaylist,
  { msn, part }: Directives,
  previous: MediaPlaylist | undefined,
): boolean {
  if (playlist.isEnded) return false
  const { last, endMsn, edge, targetDuration } = playlist
  if (msn === undefined)
    return previous !== undefined && previous.edge - edge > cachedTargets * targetDuration
  if (previous !== undefined && endMsn < previous.endMsn) return true
  // An edge under overload leaves out the parts for a while.
  if (last.part < 0) return part === undefined && endMsn < msn
  if (previous !== undefined && isLater(previous, playlist) && previous.last.part >= 0) return true
  if (endMsn >= msn) return false
  return last.msn < msn || (part !== undefined && last.msn === msn && last.part < part)
}
