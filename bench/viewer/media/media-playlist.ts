import { posix } from 'node:path'
import { type ReadPlaylist, type ReadSegment, readPlaylist } from '../../../test/kit/playlist.ts'

/** A part, or a whole segment when `part` is undefined. Times are seconds on the viewer's timeline. */
export interface Piece {
  /** Path of its media at the server. */
  target: string
  msn: number
  part: number | undefined
  start: number
  end: number
  isIndependent: boolean
}

export interface ListedSegment extends Piece {
  parts: Piece[]
  /** Path of its init segment; undefined when the playlist names none. */
  init: string | undefined
}

/** A media playlist as viewers use it. Durations are in seconds. Viewers share it, so it must not change. */
export interface MediaPlaylist {
  targetDuration: number
  partTarget: number
  /** HOLD-BACK, or three target durations. */
  holdBack: number
  /** PART-HOLD-BACK; 0 without parts. */
  partHoldBack: number
  canBlock: boolean
  /** CAN-SKIP-UNTIL; 0 when the server makes no delta updates. */
  skipUntil: number
  /** Complete segments, without those that a delta update leaves out. */
  segments: readonly ListedSegment[]
  /** The segment of which only parts are listed so far. */
  open: ListedSegment | undefined
  /** All listed parts, of complete segments and of the open one. */
  parts: readonly Piece[]
  /** Media sequence number of the first segment of the whole playlist, and of the last complete one. */
  firstMsn: number
  endMsn: number
  /** Number of segments that a delta update leaves out. */
  skipped: number
  /** The newest part, or the newest segment when no parts are listed; then `part` is -1. */
  last: { msn: number; part: number }
  /** Start of the first segment that is listed, end of the last complete one, and end of the newest media. */
  start: number
  segmentEnd: number
  edge: number
  isEnded: boolean
  /** Newest media of the other renditions, by the path of their playlists. */
  reports: ReadonlyMap<string, { msn: number; part: number | undefined }>
  /** Path of the part that EXT-X-PRELOAD-HINT announces. */
  hint: string | undefined
}

/** Finds the times of segments. The same segment has the same time in all playlists of a rendition. */
export interface Timeline {
  /** Returns the start of a segment, s. `date`: its program date-time, ms since 1970. */
  startOf(msn: number, date: number | undefined): number
  /** Records the end of a segment, which is the start of the next one. */
  noteEnd(msn: number, end: number): void
}

/** Returns the path of a request target. The query of one may name a viewer, as that of MediaMTX does. */
export function pathOf(target: string): string {
  const at = target.indexOf('?')
  return at < 0 ? target : target.slice(0, at)
}

/**
 * Reads a media playlist (RFC 8216bis 4.4). `target` is the path from which it came.
 *
 * @throws Error when the text is not a whole playlist, or lists no media
 */
export function readMediaPlaylist(text: string, target: string, timeline: Timeline): MediaPlaylist {
  if (!text.startsWith('#EXTM3U') || !text.endsWith('\n')) throw new Error('not a whole playlist')
  const read = readPlaylist(text)
  if (read.segments.length === 0) throw new Error('a playlist without media')
  const resolve = (uri: string) => posix.join(posix.dirname(target), uri)
  const all = listSegments(read, resolve, timeline)
  const segments = all.filter((_, index) => read.segments[index]?.uri !== undefined)
  const open = all.length > segments.length ? all.at(-1) : undefined
  const parts = all.flatMap((segment) => segment.parts)
  const newest = parts.at(-1) ?? segments.at(-1)
  const control = (name: string) => Number(read.serverControl.get(name) ?? 0)
  return {
    targetDuration: read.targetDuration,
    partTarget: read.partTarget ?? 0,
    holdBack: control('HOLD-BACK') || 3 * read.targetDuration,
    partHoldBack: control('PART-HOLD-BACK'),
    canBlock: read.serverControl.get('CAN-BLOCK-RELOAD') === 'YES',
    skipUntil: control('CAN-SKIP-UNTIL'),
    segments,
    open,
    parts,
    firstMsn: read.mediaSequence,
    endMsn: segments.at(-1)?.msn ?? read.mediaSequence - 1,
    skipped: read.skipped,
    last: { msn: newest?.msn ?? 0, part: newest?.part ?? -1 },
    start: all[0]?.start ?? 0,
    segmentEnd: segments.at(-1)?.end ?? all[0]?.start ?? 0,
    edge: newest?.end ?? 0,
    isEnded: read.ended,
    reports: reportsOf(read, resolve),
    hint: read.preloadHint === undefined ? undefined : resolve(read.preloadHint),
  }
}

function listSegments(read: ReadPlaylist, resolve: (uri: string) => string, timeline: Timeline) {
  const dateOf = firstDates(read)
  return read.segments.map((segment): ListedSegment => {
    const start = timeline.startOf(segment.msn, segment.programDateTime ?? dateOf.get(segment.msn))
    const parts = listParts(segment, start, resolve)
    const end = segment.uri === undefined ? (parts.at(-1)?.end ?? start) : start + segment.duration
    if (segment.uri !== undefined) timeline.noteEnd(segment.msn, end)
    const init = segment.map === undefined ? undefined : resolve(segment.map)
    const own = { target: resolve(segment.uri ?? ''), msn: segment.msn, part: undefined, start, end }
    return { ...own, isIndependent: true, parts, init }
  })
}

/**
 * Returns the dates of the segments before the first one with a date: the durations between them lead back
 * from it. MediaMTX writes dates only for the newest segments.
 */
function firstDates({ segments }: ReadPlaylist): Map<number, number> {
  const dates = new Map<number, number>()
  const first = segments.findIndex(({ programDateTime }) => programDateTime !== undefined)
  let date = segments[first]?.programDateTime ?? 0
  for (const { msn, duration } of segments.slice(0, Math.max(0, first)).toReversed()) {
    date -= duration * 1000
    dates.set(msn, date)
  }
  return dates
}

function listParts({ parts, msn }: ReadSegment, start: number, resolve: (uri: string) => string): Piece[] {
  const isMarked = parts.some(({ independent }) => independent)
  let end = start
  return parts.map(({ uri, duration, independent }, part) => {
    const from = end
    end += duration
    const isIndependent = independent || !isMarked
    return { target: resolve(uri), msn, part, start: from, end, isIndependent }
  })
}

function reportsOf(read: ReadPlaylist, resolve: (uri: string) => string) {
  return new Map(
    read.reports.map((report) => {
      const part = report.get('LAST-PART')
      const place = {
        msn: Number(report.get('LAST-MSN')),
        part: part === undefined ? undefined : Number(part),
      }
      return [resolve(report.get('URI') ?? ''), place]
    }),
  )
}

/** Whether a playlist has all segments that a delta update leaves out (RFC 8216bis 6.3.7). */
export function coversDelta({ firstMsn, skipped }: MediaPlaylist, previous: MediaPlaylist): boolean {
  const first = previous.segments[0]?.msn ?? Number.POSITIVE_INFINITY
  return first <= firstMsn && previous.endMsn >= firstMsn + skipped - 1
}

/** Fills in the segments that a delta update leaves out. `previous` must have them: see `coversDelta`. */
export function mergeDelta(delta: MediaPlaylist, previous: MediaPlaylist): MediaPlaylist {
  const from = previous.segments.findIndex(({ msn }) => msn === delta.firstMsn)
  const kept = previous.segments.slice(from, from + delta.skipped)
  // An EXT-X-MAP that is left out also applies to the segments after it.
  const lastInit = kept.at(-1)?.init
  const withInit = (segment: ListedSegment): ListedSegment => ({
    ...segment,
    init: segment.init ?? lastInit,
  })
  return {
    ...delta,
    segments: [...kept, ...delta.segments.map(withInit)],
    open: delta.open && withInit(delta.open),
    start: kept[0]?.start ?? delta.start,
    skipped: 0,
  }
}
