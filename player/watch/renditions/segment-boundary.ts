import type { LevelDetails, Part } from 'hls.js'

/**
 * The end of one segment and start of the next. A player can change the rendition there without decoding
 * anything twice.
 */
export interface Boundary {
  /** Media sequence number of the segment after the boundary. */
  msn: number
}

const partExpression = /(\d+)\.(\d+)\.m4s$/

/**
 * Returns the boundary that loading has reached; undefined within a segment. `last` is what was loaded last:
 * a part, or a whole segment if its `part` is undefined.
 */
export function boundaryAfter(
  details: LevelDetails,
  last: { msn: number; part: number | undefined } | undefined,
): Boundary | undefined {
  if (last === undefined) return undefined
  const next = { msn: last.msn + 1 }
  if (last.part === undefined) return next
  if (partOf(details, last.msn, last.part + 1) !== undefined) return undefined
  // The segment is complete, and `last` was its last part.
  if (details.endSN >= last.msn) return next
  const [, msn, part] = partExpression.exec(String(details.preloadHint?.URI ?? '')) ?? []
  return Number(msn) === next.msn && part === '0' ? next : undefined
}

/** Returns the part with an index within segment `msn`; undefined when the playlist does not list it. */
export const partOf = ({ partList }: LevelDetails, msn: number, index: number): Part | undefined =>
  partList?.find((part) => part.fragment.sn === msn && part.index === index)

/**
 * Returns the duration of the media from the end of `last` to the end of its segment, seconds; 0 when `last`
 * is a whole segment. A segment in progress counts as long as the target duration.
 */
export function secondsToBoundary(
  { partList, fragments, targetduration }: LevelDetails,
  last: { msn: number; part: number | undefined },
): number {
  if (last.part === undefined) return 0
  const parts = (partList ?? []).filter(({ fragment }) => fragment.sn === last.msn)
  const loadedEnd = parts.find(({ index }) => index === last.part)?.end
  const whole = fragments.find(({ sn }) => sn === last.msn)
  const start = whole?.start ?? parts.find(({ index }) => index === 0)?.start
  if (loadedEnd === undefined || start === undefined) return 0
  return Math.max(0, start + (whole?.duration ?? targetduration) - loadedEnd)
}

/** Returns the absolute URL of the part that the playlist announces; undefined when it announces none. */
export function hintedUrl({ preloadHint, url }: LevelDetails): string | undefined {
  if (preloadHint?.TYPE !== 'PART' || typeof preloadHint.URI !== 'string') return undefined
  return new URL(preloadHint.URI, url).href
}
