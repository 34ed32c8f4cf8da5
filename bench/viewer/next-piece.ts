import type { ListedSegment, MediaPlaylist, Piece } from './media/media-playlist.ts'

/** Difference up to which two times are the same, s. */
const sameSeconds = 0.05
/** Maximum rounding error of sums of durations, s. */
const roundingSeconds = 0.0001

/** Returns a listed segment, complete or not. */
export function segmentOf({ segments, open }: MediaPlaylist, msn: number): ListedSegment | undefined {
  if (open?.msn === msn) return open
  return segments[msn - (segments[0]?.msn ?? 0)]
}

/**
 * Returns where playback begins, s: at the hold-back from the live edge, and at least a part, or a segment,
 * from it (`liveSyncPosition` of hls.js). `age`: of the playlist, s.
 */
export function livePosition(playlist: MediaPlaylist, age: number, isLowLatency: boolean): number {
  const { edge, start, partTarget, targetDuration } = playlist
  const isByParts = isLowLatency && partTarget > 0
  const pieceSeconds = isByParts ? partTarget : targetDuration
  const late = Math.max(0, age - 3 * pieceSeconds)
  const position = edge + age - holdBackOf(playlist, isLowLatency) - late
  return Math.min(Math.max(start, position), edge - pieceSeconds)
}

/** Returns the distance from the live edge that the playlist demands, s. */
export const holdBackOf = ({ partHoldBack, holdBack }: MediaPlaylist, isLowLatency: boolean): number =>
  (isLowLatency && partHoldBack) || holdBack

/**
 * Returns what is loaded first: the segment at the start position or, of its parts, the last independent one
 * at or before the position.
 */
export function startPiece(playlist: MediaPlaylist, position: number, usesParts: boolean): Piece | undefined {
  const all = playlist.open === undefined ? playlist.segments : [...playlist.segments, playlist.open]
  const listed = usesParts ? all : playlist.segments
  const from = position + roundingSeconds
  const segment = listed.find(({ end }) => end > from) ?? listed.at(-1)
  if (segment === undefined) return undefined
  const part = segment.parts.findLast(({ start, isIndependent }) => isIndependent && start <= from)
  const first = part ?? segment.parts.find(({ isIndependent }) => isIndependent)
  if (usesParts && first !== undefined) return first
  return segment === playlist.open ? undefined : segment
}

/**
 * Returns what follows a piece; undefined when it is not listed yet, and `left` when it is not listed any
 * more.
 */
export function nextPiece(
  playlist: MediaPlaylist,
  { msn, part, end }: Piece,
  usesParts: boolean,
): Piece | 'left' | undefined {
  if (msn + 1 < playlist.firstMsn) return 'left'
  const segment = segmentOf(playlist, msn)
  if (part !== undefined && segment !== undefined) {
    const next = segment.parts[part + 1]
    if (next !== undefined) return next
    const isWhole = segment !== playlist.open
    // The parts of the segment are not listed any more, and the last ones were not loaded.
    if (isWhole && segment.end > end + sameSeconds) return segment
    if (!isWhole) return undefined
  }
  const following = segmentOf(playlist, msn + 1)
  if (following === undefined) return undefined
  const [first] = following.parts
  if (first !== undefined && (usesParts || following === playlist.open)) return usesParts ? first : undefined
  return following === playlist.open ? undefined : following
}

/** Whether a playlist is so old that hls.js loads nothing from it. `age` in s. */
export function isStalePlaylist(playlist: MediaPlaylist, age: number, usesParts: boolean): boolean {
  const { edge, start, targetDuration, partTarget, partHoldBack } = playlist
  if (age > edge - start + targetDuration) return true
  return usesParts && partTarget > 0 && age > (partHoldBack || 3 * partTarget) * 1.5
}

/**
 * Whether loading continues by parts after media that ends at `end`, s: the buffer must reach beyond the
 * first listed part by the length of the open segment, and the playhead must be near (`shouldLoadParts` of
 * hls.js).
 */
export function partsAreSafe(playlist: MediaPlaylist, end: number, playhead: number | undefined): boolean {
  const [first] = playlist.parts
  if (first === undefined) return false
  const openSeconds = playlist.open === undefined ? 0 : playlist.open.end - playlist.open.start
  const segment = segmentOf(playlist, first.msn)
  const segmentSeconds = segment === undefined ? 0 : segment.end - segment.start
  return end >= first.end + openSeconds && (playhead ?? end) > first.start - segmentSeconds
}

/** Returns the next listed part of the same segment. */
export const followingPart = ({ parts }: MediaPlaylist, { msn, part }: Piece): Piece | undefined =>
  parts.find((each) => each.msn === msn && each.part === (part ?? 0) + 1)
