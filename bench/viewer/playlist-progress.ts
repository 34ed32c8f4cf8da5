import type { MediaPlaylist } from './media/media-playlist.ts'

/** Delivery directives of a playlist request (RFC 8216bis 6.2.5). */
export interface Directives {
  msn?: number | undefined
  part?: number | undefined
  skips?: boolean | undefined
}

/** Returns the parameters of directives, in the order in which hls.js writes them. */
export const directiveQuery = ({ msn, part, skips }: Directives): string[] => [
  ...(msn === undefined ? [] : [`_HLS_msn=${msn}`]),
  ...(part === undefined ? [] : [`_HLS_part=${part}`]),
  ...(skips ? ['_HLS_skip=YES'] : []),
]

/**
 * Returns the time from the request of a playlist to the next one, ms (`computeReloadInterval` of hls.js).
 */
export function reloadInterval({ targetDuration, segments }: MediaPlaylist, isUpdated: boolean): number {
  if (!isUpdated) return 500 * targetDuration
  const last = segments.at(-1)
  const lastSeconds = last === undefined ? targetDuration : last.end - last.start
  return Math.round(1000 * (lastSeconds > 0 ? Math.min(lastSeconds, targetDuration) : targetDuration))
}

/** Returns the highest index of a listed part. */
export const maxPart = ({ parts, last }: MediaPlaylist) =>
  parts.findLast(({ part }) => (part ?? 0) > last.part)?.part ?? last.part

/** Whether two playlists end with the same media. */
export const isSamePlace = (one: MediaPlaylist, other: MediaPlaylist) =>
  one.endMsn === other.endMsn && one.last.msn === other.last.msn && one.last.part === other.last.part

/** Whether a playlist ends with newer media than another one. */
export const isLater = (one: MediaPlaylist, other: MediaPlaylist) =>
  one.endMsn > other.endMsn ||
  one.last.msn > other.last.msn ||
  (one.last.msn === other.last.msn && one.last.part > other.last.part)

/** Whether a playlist is older than the one before, or lacks what the request named. */
export function isStale(
  playlist: MediaPlaylist,
  { msn, part }: Directives,
  previous: MediaPlaylist | undefined,
): boolean {
  if (playlist.isEnded) return false
  const { last, endMsn } = playlist
  if (previous !== undefined && endMsn < previous.endMsn) return true
  // An edge under load leaves out the parts for a while.
  if (last.part < 0) return msn !== undefined && part === undefined && endMsn < msn
  if (previous !== undefined && isLater(previous, playlist) && previous.last.part >= 0) return true
  if (msn === undefined || endMsn >= msn) return false
  return last.msn < msn || (part !== undefined && last.msn === msn && last.part < part)
}
